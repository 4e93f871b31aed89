using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter/xt_conntrack.h.</summary>
internal static class xt_conntrack
{
    public const int XT_CONNTRACK_STATE = 1 << 0;
    public const int XT_CONNTRACK_STATE_INVALID = 1 << 0;
    public const int XT_CONNTRACK_STATE_SNAT = 1 << 6;
    public const int XT_CONNTRACK_STATE_DNAT = 1 << 7;
    public const int XT_CONNTRACK_STATE_UNTRACKED = 1 << 8;
}

/// <summary>From linux/netfilter.h: the member <c>all</c> of the union.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct nf_inet_addr
{
    public fixed uint all[4];
}

[StructLayout(LayoutKind.Sequential)]
internal struct xt_conntrack_mtinfo3
{
    public nf_inet_addr origsrc_addr;
    public nf_inet_addr origsrc_mask;
    public nf_inet_addr origdst_addr;
    public nf_inet_addr origdst_mask;
    public nf_inet_addr replsrc_addr;
    public nf_inet_addr replsrc_mask;
    public nf_inet_addr repldst_addr;
    public nf_inet_addr repldst_mask;
    public uint expires_min;
    public uint expires_max;
    public ushort l4proto;
    public ushort origsrc_port;
    public ushort origdst_port;
    public ushort replsrc_port;
    public ushort repldst_port;
    public ushort match_flags;
    public ushort invert_flags;
    public ushort state_mask;
    public ushort status_mask;
    public ushort origsrc_port_high;
    public ushort origdst_port_high;
    public ushort replsrc_port_high;
    public ushort repldst_port_high;
}

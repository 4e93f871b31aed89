using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter/ipset/ip_set.h that the match <c>set</c> uses.</summary>
internal static class xt_set
{
    public const int IPSET_DIM_MAX = 6;
    public const int IPSET_INV_MATCH = 1;
}

[StructLayout(LayoutKind.Sequential)]
internal struct xt_set_info
{
    public ushort index;
    public byte dim;
    public byte flags;
}

/// <summary>From linux/netfilter/ipset/ip_set.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ip_set_counter_match
{
    public ulong value;
    public byte op;
}

[StructLayout(LayoutKind.Sequential)]
internal struct xt_set_info_match_v4
{
    public xt_set_info match_set;
    public ip_set_counter_match packets;
    public ip_set_counter_match bytes;
    public uint flags;
}

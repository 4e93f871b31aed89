using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter_ipv4/ip_tables.h.</summary>
internal static class ip_tables
{
    public const int IPT_BASE_CTL = 64;
    public const int IPT_SO_GET_REVISION_MATCH = IPT_BASE_CTL + 2;
    public const int IPT_SO_GET_REVISION_TARGET = IPT_BASE_CTL + 3;
    public const int IPT_F_FRAG = 0x01;
    public const int IPT_F_GOTO = 0x02;

    // The same bits as those of IP6T_INV_.
    public const int IPT_INV_VIA_IN = 0x01;
    public const int IPT_INV_VIA_OUT = 0x02;
    public const int IPT_INV_SRCIP = 0x08;
    public const int IPT_INV_DSTIP = 0x10;
    public const int IPT_INV_FRAG = 0x20;
    public const int IPT_INV_PROTO = 0x40;
}

/// <summary>Addresses and masks are in network byte order, <see cref="proto"/> in the host's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ipt_ip
{
    public fixed byte src[4];
    public fixed byte dst[4];
    public fixed byte smsk[4];
    public fixed byte dmsk[4];
    public fixed byte iniface[16];
    public fixed byte outiface[16];
    public fixed byte iniface_mask[16];
    public fixed byte outiface_mask[16];
    public ushort proto;
    public byte flags;
    public byte invflags;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ipt_entry
{
    public ipt_ip ip;
    public uint nfcache;
    public ushort target_offset;
    public ushort next_offset;
    public uint comefrom;
    public xt_counters counters;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ipt_icmp
{
    public byte type;
    public fixed byte code[2];
    public byte invflags;
}

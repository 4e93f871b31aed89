using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter_ipv6/ip6_tables.h.</summary>
internal static class ip6_tables
{
    public const int IP6T_BASE_CTL = 64;
    public const int IP6T_SO_GET_REVISION_MATCH = IP6T_BASE_CTL + 4;
    public const int IP6T_SO_GET_REVISION_TARGET = IP6T_BASE_CTL + 5;
    public const int IP6T_F_PROTO = 0x01;
    public const int IP6T_F_GOTO = 0x04;
}

/// <summary>
/// Addresses and masks are in network byte order, <see cref="proto"/> in the host's. In C in6_addr is aligned like the 32-bit words that it
/// also is, hence three bytes at the end.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 136)]
internal unsafe struct ip6t_ip6
{
    public fixed byte src[16];
    public fixed byte dst[16];
    public fixed byte smsk[16];
    public fixed byte dmsk[16];
    public fixed byte iniface[16];
    public fixed byte outiface[16];
    public fixed byte iniface_mask[16];
    public fixed byte outiface_mask[16];
    public ushort proto;
    public byte tos;
    public byte flags;
    public byte invflags;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ip6t_entry
{
    public ip6t_ip6 ipv6;
    public uint nfcache;
    public ushort target_offset;
    public ushort next_offset;
    public uint comefrom;
    public xt_counters counters;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ip6t_icmp
{
    public byte type;
    public fixed byte code[2];
    public byte invflags;
}

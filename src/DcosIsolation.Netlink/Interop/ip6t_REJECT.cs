using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter_ipv6/ip6t_REJECT.h.</summary>
internal static class ip6t_REJECT
{
    public const int IP6T_ICMP6_PORT_UNREACH = 4;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ip6t_reject_info
{
    public uint with;
}

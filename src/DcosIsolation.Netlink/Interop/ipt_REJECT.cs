using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter_ipv4/ipt_REJECT.h.</summary>
internal static class ipt_REJECT
{
    public const int IPT_ICMP_PORT_UNREACHABLE = 3;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ipt_reject_info
{
    public uint with;
}

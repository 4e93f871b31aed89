using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The target <c>REJECT</c> (struct ipt_reject_info or ip6t_reject_info): drop the packet and answer port unreachable, ICMP type 3 code 3
/// in IPv4 and ICMPv6 type 1 code 4 in IPv6. The kernel allows it in INPUT, FORWARD, OUTPUT and chains called from there, in table filter.
/// </summary>
public sealed record RejectTarget : XtablesTarget
{
    internal override unsafe Extension Extension(NetfilterFamily family) => new("REJECT", 0, sizeof(ipt_reject_info));

    internal override void Write(NetfilterFamily family, Span<byte> data)
    {
        uint with = family == NetfilterFamily.Inet ? (uint)ipt_REJECT.IPT_ICMP_PORT_UNREACHABLE : ip6t_REJECT.IP6T_ICMP6_PORT_UNREACH;
        MemoryMarshal.Write(data, with);
    }

    /// <summary>The target as iptables-save prints it, less the answer.</summary>
    public override string ToString() => "-j REJECT";
}

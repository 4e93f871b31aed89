using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>Which ports of a packet the match <c>multiport</c> looks at.</summary>
public enum PortDirection : byte
{
    /// <summary>The source port (<c>--sports</c>).</summary>
    Source = xt_multiport.XT_MULTIPORT_SOURCE,

    /// <summary>The destination port (<c>--dports</c>).</summary>
    Destination = xt_multiport.XT_MULTIPORT_DESTINATION,

    /// <summary>Either of them (<c>--ports</c>).</summary>
    Either = xt_multiport.XT_MULTIPORT_EITHER,
}

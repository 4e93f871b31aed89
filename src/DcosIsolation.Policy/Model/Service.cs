namespace DcosIsolation.Policy;

/// <summary>The protocols that a policy can name; the values are the IP protocol numbers.</summary>
public enum Protocol : byte
{
    /// <summary>ICMP for IPv4.</summary>
    Icmp = 1,

    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>ICMP for IPv6.</summary>
    IcmpV6 = 58,

    /// <summary>SCTP.</summary>
    Sctp = 132,

    /// <summary>UDP-Lite.</summary>
    UdpLite = 136,
}

/// <summary>
/// A protocol with a range of destination ports, or with an ICMP type and code: one item of a clause's <c>ports</c>.
/// </summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="FirstPort">The first destination port; 0 for ICMP.</param>
/// <param name="LastPort">The last destination port, inclusive; 0 for ICMP.</param>
/// <param name="IcmpType">The ICMP or ICMPv6 type, or null for every type.</param>
/// <param name="IcmpCode">The ICMP or ICMPv6 code, or null for every code of the type.</param>
public readonly record struct Service(Protocol Protocol, ushort FirstPort, ushort LastPort, byte? IcmpType = null, byte? IcmpCode = null)
    : IComparable<Service>
{
    /// <summary>Whether the protocol is ICMP or ICMPv6, so that type and code take the place of ports.</summary>
    public bool IsIcmp => Protocol is Protocol.Icmp or Protocol.IcmpV6;

    /// <summary>Whether packets of <paramref name="family"/> can carry the protocol: ICMP belongs to IPv4, ICMPv6 to IPv6.</summary>
    public bool AppliesTo(Family family) =>
        Protocol switch { Protocol.Icmp => family == Family.Inet, Protocol.IcmpV6 => family == Family.Inet6, _ => true };

    /// <summary>Orders by protocol, then ports, then ICMP type and code.</summary>
    public int CompareTo(Service other) =>
        (Protocol, FirstPort, LastPort, IcmpType ?? -1, IcmpCode ?? -1).CompareTo(
            (other.Protocol, other.FirstPort, other.LastPort, other.IcmpType ?? -1, other.IcmpCode ?? -1));

    /// <summary>The canonical text: <c>80/tcp</c>, <c>8000-8100/udp</c>, <c>icmp</c>, <c>icmp/8/0</c>.</summary>
    public override string ToString()
    {
        string name = NameOf(Protocol);
        if (IsIcmp)
        {
            return IcmpType is null ? name : IcmpCode is null ? $"{name}/{IcmpType}" : $"{name}/{IcmpType}/{IcmpCode}";
        }

        return FirstPort == LastPort ? $"{FirstPort}/{name}" : $"{FirstPort}-{LastPort}/{name}";
    }

    /// <summary>The protocol's name, as policies have it.</summary>
    internal static string NameOf(Protocol protocol) => protocol switch
    {
        Protocol.Icmp => "icmp",
        Protocol.IcmpV6 => "icmpv6",
        Protocol.Tcp => "tcp",
        Protocol.Udp => "udp",
        Protocol.Sctp => "sctp",
        _ => "udplite",
    };

    /// <summary>Order.</summary>
    public static bool operator <(Service left, Service right) => left.CompareTo(right) < 0;

    /// <summary>Order.</summary>
    public static bool operator >(Service left, Service right) => left.CompareTo(right) > 0;

    /// <summary>Order.</summary>
    public static bool operator <=(Service left, Service right) => left.CompareTo(right) <= 0;

    /// <summary>Order.</summary>
    public static bool operator >=(Service left, Service right) => left.CompareTo(right) >= 0;
}

namespace DcosIsolation.Policy;

/// <summary>What a packet carries, as far as a policy asks.</summary>
/// <param name="Protocol">The IP protocol number.</param>
/// <param name="Port">The destination port; of ICMP and ICMPv6 the type in the high byte and the code in the low one; otherwise 0.</param>
public readonly record struct PacketService(byte Protocol, ushort Port)
{
    /// <summary>A protocol that no clause can name: 253, which is for experiments (RFC 3692).</summary>
    public static PacketService Other => new(253, 0);

    /// <summary>The first packet that a service means: of a range its first port, of a type its code 0.</summary>
    public static PacketService FirstOf(Service service) => new((byte)service.Protocol, Bounds(service).First);

    /// <summary>Whether the service is one of a clause's: none means every protocol.</summary>
    public bool IsAmong(ReadOnlySpan<Service> services, Family family)
    {
        foreach (ref readonly Service service in services)
        {
            if (Is(service, family))
            {
                return true;
            }
        }

        return services.IsEmpty;
    }

    /// <summary>The first and the last <see cref="Port"/> of a service.</summary>
    internal static (ushort First, ushort Last) Bounds(Service service)
    {
        if (!service.IsIcmp)
        {
            return (service.FirstPort, service.LastPort);
        }

        if (service.IcmpType is not { } type)
        {
            return (0, ushort.MaxValue);
        }

        int first = (type << 8) | (service.IcmpCode ?? 0);
        return ((ushort)first, (ushort)(service.IcmpCode is null ? first | 0xff : first));
    }

    private bool Is(Service service, Family family)
    {
        (ushort first, ushort last) = Bounds(service);
        return (byte)service.Protocol == Protocol && service.AppliesTo(family) && first <= Port && Port <= last;
    }
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Services of one protocol, as many as one rule can say.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Services">Ports, or one ICMP type; empty means all of the protocol.</param>
internal sealed record ServiceGroup(Protocol Protocol, ImmutableArray<Service> Services)
{
    /// <summary>Divides canonical services into the fewest groups.</summary>
    public static List<ServiceGroup> Of(IReadOnlyList<Service> services)
    {
        List<ServiceGroup> groups = [];
        ImmutableArray<Service>.Builder ports = ImmutableArray.CreateBuilder<Service>();
        int slots = 0;
        foreach (Service service in services)
        {
            bool everything = service.IsIcmp ? service.IcmpType is null : service is { FirstPort: 0, LastPort: ushort.MaxValue };
            if (everything || service.IsIcmp)
            {
                Flush();
                groups.Add(new ServiceGroup(service.Protocol, everything ? [] : [service]));
                continue;
            }

            int needed = service.FirstPort == service.LastPort ? 1 : 2;
            if (ports.Count > 0 && (ports[0].Protocol != service.Protocol || slots + needed > Rule.MaxPortSlots))
            {
                Flush();
            }

            ports.Add(service);
            slots += needed;
        }

        Flush();
        return groups;

        void Flush()
        {
            if (ports.Count > 0)
            {
                groups.Add(new ServiceGroup(ports[0].Protocol, ports.DrainToImmutable()));
                slots = 0;
            }
        }
    }
}

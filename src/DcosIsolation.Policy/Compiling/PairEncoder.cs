using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// Gathers pairs with one verdict, each as entries of a set that holds the product of its prefixes and ports, or as rules where the product
/// would be too large, the kernel lacks the set type, or an entry cannot say it.
/// </summary>
internal sealed class PairEncoder(RuleTarget verdict, bool hasNetNet, bool hasNetPortNet)
{
    /// <summary>The most entries that one pair of endpoints may become; beyond it, rules are cheaper to hold and to load.</summary>
    public const int MaxProduct = 1024;

    private readonly List<NetNetEntry> _pairs = [];
    private readonly List<NetPortNetEntry> _services = [];
    private readonly HashSet<Rule> _known = [];
    private readonly List<Rule> _rules = [];

    /// <summary>Entries for every protocol, sorted.</summary>
    public ImmutableArray<NetNetEntry> Pairs => Sorted(_pairs);

    /// <summary>Entries for one service each, sorted.</summary>
    public ImmutableArray<NetPortNetEntry> Services => Sorted(_services);

    /// <summary>The rules, in the order of their pairs.</summary>
    public IReadOnlyList<Rule> Rules => _rules;

    /// <summary>Adds every protocol between two sides.</summary>
    public void Add(Side from, Side to)
    {
        if (!hasNetNet || RoomFor(from, to) < 1)
        {
            AddRule(from, to, null, []);
            return;
        }

        foreach (Prefix source in from.Prefixes)
        {
            foreach (Prefix destination in to.Prefixes)
            {
                _pairs.Add(new NetNetEntry(source, destination));
            }
        }
    }

    /// <summary>Adds services, at least one, between two sides.</summary>
    public void Add(Side from, Side to, IReadOnlyList<Service> services)
    {
        long room = hasNetPortNet ? RoomFor(from, to) : 0;
        var rest = new List<Service>();
        foreach (Service service in services)
        {
            int width = WidthOf(service);
            if (width <= room)
            {
                room -= width;
                AddEntries(from, to, service);
            }
            else
            {
                rest.Add(service);
            }
        }

        AddRules(from, to, rest);
    }

    /// <summary>How many ports the product of two sides leaves room for.</summary>
    private static long RoomFor(Side from, Side to) =>
        from.IsAny || to.IsAny ? 0 : MaxProduct / ((long)from.Prefixes.Length * to.Prefixes.Length);

    /// <summary>
    /// How many ports a service is to hash:net,port,net; it holds one ICMP type with one code, so that anything wider needs a rule.
    /// </summary>
    private static int WidthOf(Service service) =>
        !service.IsIcmp ? service.LastPort - service.FirstPort + 1 : service.IcmpCode is null ? int.MaxValue : 1;

    private void AddEntries(Side from, Side to, Service service)
    {
        int first = service.IsIcmp ? (service.IcmpType!.Value << 8) | service.IcmpCode!.Value : service.FirstPort;
        int last = service.IsIcmp ? first : service.LastPort;
        foreach (Prefix source in from.Prefixes)
        {
            foreach (Prefix destination in to.Prefixes)
            {
                for (int port = first; port <= last; port++)
                {
                    _services.Add(new NetPortNetEntry(source, service.Protocol, (ushort)port, destination));
                }
            }
        }
    }

    /// <summary>Adds rules for sorted services: as many ports to a rule as it holds, every ICMP type its own.</summary>
    private void AddRules(Side from, Side to, List<Service> services)
    {
        ImmutableArray<Service>.Builder ports = ImmutableArray.CreateBuilder<Service>();
        int slots = 0;
        foreach (Service service in services)
        {
            bool everything = service.IsIcmp ? service.IcmpType is null : service is { FirstPort: 0, LastPort: ushort.MaxValue };
            if (everything || service.IsIcmp)
            {
                Flush();
                AddRule(from, to, service.Protocol, everything ? [] : [service]);
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

        void Flush()
        {
            if (ports.Count > 0)
            {
                AddRule(from, to, ports[0].Protocol, ports.DrainToImmutable());
                slots = 0;
            }
        }
    }

    private void AddRule(Side from, Side to, Protocol? protocol, ImmutableArray<Service> ports)
    {
        ImmutableArray<SetMatch>.Builder sets = ImmutableArray.CreateBuilder<SetMatch>();
        if (from.Set is not null)
        {
            sets.Add(new SetMatch(from.Set, SetDirections.Source));
        }

        if (to.Set is not null)
        {
            sets.Add(new SetMatch(to.Set, SetDirections.Destination));
        }

        var rule = new Rule
        {
            Source = from.Literal,
            Destination = to.Literal,
            Protocol = protocol,
            Ports = ports,
            Sets = sets.DrainToImmutable(),
            Target = verdict,
        };
        if (_known.Add(rule))
        {
            _rules.Add(rule);
        }
    }

    private static ImmutableArray<TEntry> Sorted<TEntry>(List<TEntry> entries)
        where TEntry : struct, IEquatable<TEntry>
    {
        entries.Sort();
        ImmutableArray<TEntry>.Builder distinct = ImmutableArray.CreateBuilder<TEntry>(entries.Count);
        foreach (TEntry entry in entries)
        {
            if (distinct.Count == 0 || !distinct[^1].Equals(entry))
            {
                distinct.Add(entry);
            }
        }

        return distinct.DrainToImmutable();
    }
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// The rules that a family's chain begins with: each accepts packets of the policy's <c>failsafe</c>, or the answers to them. They ask no
/// set, so that they hold whatever becomes of the sets.
/// </summary>
internal static class FailsafeRules
{
    /// <summary>The fewest rules for each pair of prefixes; the same for the same items in any order.</summary>
    public static List<Rule> Of(ImmutableArray<FailsafeItem> items, Family family)
    {
        List<Rule> rules = [];
        HashSet<Rule> known = [];
        foreach (Pair pair in PairsOf(items, family))
        {
            Rule about = new() { Source = Literal(pair.From), Destination = Literal(pair.To), Target = RuleTarget.Accept };
            if (pair.Services is not { } services)
            {
                AddBothWays(about, null, []);
                continue;
            }

            foreach (ServiceGroup group in ServiceGroup.Of(ServiceCanonicalizer.Canonicalize(services)))
            {
                AddBothWays(about, group.Protocol, group.Services);
            }
        }

        return rules;

        void AddBothWays(Rule about, Protocol? protocol, ImmutableArray<Service> services)
        {
            foreach (Rule rule in BothWays(about, protocol, services))
            {
                if (known.Add(rule))
                {
                    rules.Add(rule);
                }
            }
        }
    }

    private static Rule[] BothWays(Rule about, Protocol? protocol, ImmutableArray<Service> services)
    {
        Rule there = new()
        {
            Source = about.Source,
            Destination = about.Destination,
            Protocol = protocol,
            Ports = services,
            Target = about.Target,
        };

        // An ICMP answer has another type than what it answers.
        bool hasPorts = protocol is not (null or Protocol.Icmp or Protocol.IcmpV6);
        Rule back = new()
        {
            Source = about.Destination,
            Destination = about.Source,
            Protocol = protocol,
            SourcePorts = hasPorts ? services : [],
            RelatedOrEstablished = true,
            Target = about.Target,
        };
        return [there, back];
    }

    /// <summary>The pairs of prefixes, each once, with the services of all items that are about it.</summary>
    private static List<Pair> PairsOf(ImmutableArray<FailsafeItem> items, Family family)
    {
        Dictionary<string, Pair> pairs = new(StringComparer.Ordinal);
        foreach (FailsafeItem item in items)
        {
            Service[] services = [.. item.Services.Where(service => service.AppliesTo(family))];
            if (services.Length == 0 && !item.Services.IsEmpty)
            {
                continue;
            }

            foreach (Prefix from in item.FromOf(family))
            {
                foreach (Prefix to in item.ToOf(family))
                {
                    string key = $"{from} {to}";
                    if (!pairs.TryGetValue(key, out Pair? pair))
                    {
                        pairs.Add(key, pair = new Pair(from, to));
                    }

                    pair.Add(services);
                }
            }
        }

        List<Pair> sorted = [.. pairs.Values];
        sorted.Sort((one, other) => one.From != other.From ? one.From.CompareTo(other.From) : one.To.CompareTo(other.To));
        return sorted;
    }

    private static Prefix? Literal(Prefix prefix) => prefix.Length == 0 ? null : prefix;

    private sealed class Pair(Prefix from, Prefix to)
    {
        public Prefix From => from;

        public Prefix To => to;

        /// <summary>The services, or null: every protocol.</summary>
        public List<Service>? Services { get; private set; } = [];

        public void Add(Service[] services)
        {
            if (services.Length == 0)
            {
                Services = null;
            }

            Services?.AddRange(services);
        }
    }
}

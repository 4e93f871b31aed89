using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Finds what a policy without errors says in vain.</summary>
internal sealed class PolicyWarnings(IsolationPolicy policy, DiagnosticBag diagnostics)
{
    private static readonly Family[] BothFamilies = [Family.Inet, Family.Inet6];

    private readonly Dictionary<string, Family[]> _families = policy.Networks.ToDictionary(
        network => network.Name,
        network => Array.FindAll(BothFamilies, family => network.Prefixes[0].Family == family || network.Prefixes[^1].Family == family));

    public void Warn(List<(Prefix Prefix, SourceLocation Location)> literals)
    {
        foreach ((Prefix prefix, SourceLocation location) in literals)
        {
            if (!policy.Networks.Any(network => Touches(network.Prefixes, prefix)))
            {
                diagnostics.Warn(location, $"{prefix} is outside of every network, so its packets are never judged;"
                    + " add it to a network, or remove it here");
            }
        }

        Dictionary<string, SourceLocation> denied = WarnRepeated(policy.Deny, CanonicalPolicy.Text, clause => clause.Location, "clause");
        WarnRepeated(policy.Allow, CanonicalPolicy.Text, clause => clause.Location, "clause");
        WarnRepeated(policy.Exceptions, CanonicalPolicy.Text, pair => pair.Location, "exception");
        foreach (Clause clause in policy.Allow)
        {
            if (denied.TryGetValue(CanonicalPolicy.Text(clause), out SourceLocation first))
            {
                diagnostics.Warn(clause.Location, $"the 'deny' clause on line {first.Line} says the same and is asked first;"
                    + " this 'allow' clause decides nothing: remove one of them");
            }
        }

        foreach (Clause clause in policy.Allow.Concat(policy.Deny))
        {
            WarnUnmatched(clause.From, clause.To, clause.Services, clause.Location);
        }

        WarnIdleRules();
        foreach (ExceptionPair pair in policy.Exceptions)
        {
            WarnUnmatched([pair.Source], [pair.Destination], [], pair.Location);
        }
    }

    private void WarnIdleRules()
    {
        Rule[] compiled = [.. BothFamilies.SelectMany(family => PolicyCompiler.OperatorRules(policy, family))];

        foreach (OperatorRule rule in policy.Rules.First.Concat(policy.Rules.Last))
        {
            foreach (RuleText text in new[] { rule.Inet, rule.Inet6 }.OfType<RuleText>().Distinct())
            {
                if (!compiled.Any(rule => rule.Location == text.Location))
                {
                    diagnostics.Warn(text.Location, "no packet can match: a network that the rule names, or every network, has no prefix of"
                        + " the rule's family; remove the rule");
                }
            }
        }
    }

    private void WarnUnmatched(
        ImmutableArray<Endpoint> from, ImmutableArray<Endpoint> to, ImmutableArray<Service> services, SourceLocation location)
    {
        Family[] common = [.. Families(from).Intersect(Families(to))];
        if (common.Length == 0)
        {
            diagnostics.Warn(location, "no packet can match: one side has only IPv4 addresses, the other only IPv6");
            return;
        }

        Service[] idle = [.. services.Where(service => !common.Any(service.AppliesTo))];
        if (idle.Length > 0)
        {
            diagnostics.Warn(location, $"no packet can match {string.Join(", ", idle)}: the two sides have only"
                + $" {(common[0] == Family.Inet ? "IPv4" : "IPv6")} in common; write {(common[0] == Family.Inet ? "icmp" : "icmpv6")}");
        }
    }

    private IEnumerable<Family> Families(ImmutableArray<Endpoint> endpoints) => endpoints.SelectMany(endpoint =>
        endpoint.Prefix is { } prefix ? [prefix.Family]
        : endpoint.Network is { } network ? _families[network]
        : _families.Values.SelectMany(families => families));

    private Dictionary<string, SourceLocation> WarnRepeated<T>(
        ImmutableArray<T> items, Func<T, string> text, Func<T, SourceLocation> location, string what)
    {
        Dictionary<string, SourceLocation> first = new(StringComparer.Ordinal);
        foreach (T item in items)
        {
            string key = text(item);
            if (!first.TryAdd(key, location(item)))
            {
                diagnostics.Warn(location(item), $"the {what} on line {first[key].Line} says the same; remove one of them");
            }
        }

        return first;
    }

    /// <summary>Whether a prefix shares an address with sorted, disjoint prefixes.</summary>
    internal static bool Touches(ImmutableArray<Prefix> sorted, Prefix prefix)
    {
        int index = sorted.BinarySearch(prefix);
        int after = index < 0 ? ~index : index;
        return (after < sorted.Length && prefix.Contains(sorted[after])) || (after > 0 && sorted[after - 1].Contains(prefix));
    }
}

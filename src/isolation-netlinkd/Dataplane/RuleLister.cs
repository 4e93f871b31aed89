using System.Collections.Immutable;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>A rule as iptables-save prints it.</summary>
/// <param name="Chain">Its chain.</param>
/// <param name="Counters">Its counters.</param>
/// <param name="Text">What stands behind <c>-A chain</c>.</param>
internal sealed record ListedRule(string Chain, XtablesCounters Counters, string Text);

/// <summary>Reads the project's chain and the jump to it as text, family by family.</summary>
internal static class RuleLister
{
    /// <summary>The families that have the chain, and what is in force there.</summary>
    /// <exception cref="XtablesException">A table cannot be read, or an extension would not print a rule.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood.</exception>
    public static ImmutableArray<(Family Family, ImmutableArray<ListedRule> Rules)> List()
    {
        var families = ImmutableArray.CreateBuilder<(Family, ImmutableArray<ListedRule>)>();
        foreach (Family family in (ReadOnlySpan<Family>)[Family.Inet, Family.Inet6])
        {
            if (TryList(family) is { IsDefault: false } rules)
            {
                families.Add((family, rules));
            }
        }

        return families.ToImmutable();
    }

    private static ImmutableArray<ListedRule> TryList(Family family)
    {
        try
        {
            using XtablesTable table = XtablesTable.Open(PolicyEntries.ToNetfilter(family), TableReader.Table);
            return table.HasChain(KernelNames.Chain) ? List(table) : default;
        }
        catch (XtablesException e) when (e.IsFamilyMissing)
        {
            return default;
        }
    }

    private static ImmutableArray<ListedRule> List(XtablesTable table)
    {
        var rules = ImmutableArray.CreateBuilder<ListedRule>();
        foreach (string chain in (ReadOnlySpan<string>)[TableReader.Parent, KernelNames.Chain])
        {
            foreach (XtablesTableRule rule in table.Rules(chain))
            {
                if (chain == KernelNames.Chain || rule.JumpsTo == KernelNames.Chain)
                {
                    rules.Add(new ListedRule(chain, rule.Counters, XtablesRuleFormatter.Format(table.Family, rule)));
                }
            }
        }

        return rules.ToImmutable();
    }
}

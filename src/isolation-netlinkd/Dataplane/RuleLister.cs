using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>A rule as iptables-save prints it.</summary>
/// <param name="Family">Its family.</param>
/// <param name="Chain">Its chain.</param>
/// <param name="Counters">Its counters.</param>
/// <param name="Text">What stands behind <c>-A chain</c>.</param>
internal sealed record ListedRule(Family Family, string Chain, XtablesCounters Counters, string Text);

/// <summary>Reads the project's chain and the jump to it as text.</summary>
internal static class RuleLister
{
    /// <summary>Reads a family's rules; null where there is no chain of ours.</summary>
    /// <exception cref="XtablesException">The table cannot be read, or an extension would not print a rule.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood.</exception>
    public static List<ListedRule>? TryList(Family family)
    {
        try
        {
            using XtablesTable table = XtablesTable.Open(PolicyEntries.ToNetfilter(family), TableReader.Table);
            return table.HasChain(KernelNames.Chain) ? List(family, table) : null;
        }
        catch (XtablesException e) when (e.IsFamilyMissing)
        {
            return null;
        }
    }

    private static List<ListedRule> List(Family family, XtablesTable table)
    {
        var rules = new List<ListedRule>();
        foreach (string chain in (ReadOnlySpan<string>)[TableReader.Parent, KernelNames.Chain])
        {
            foreach (XtablesTableRule rule in table.Rules(chain))
            {
                if (chain == KernelNames.Chain || rule.JumpsTo == KernelNames.Chain)
                {
                    rules.Add(new ListedRule(family, chain, rule.Counters, XtablesRuleFormatter.Format(rule)));
                }
            }
        }

        return rules;
    }
}

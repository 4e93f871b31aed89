using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Puts a plan's rules in force, a commit a family, and takes that back.</summary>
internal sealed class TableWriter(IpsetClient ipset, XtablesLock heldLock, DateTimeOffset now)
{
    private readonly Stack<XtablesSnapshot> _before = new();

    /// <exception cref="XtablesException">The kernel refused the rules.</exception>
    /// <exception cref="InvalidOperationException">A set that a rule needs is missing, or someone replaced it meanwhile.</exception>
    public void Commit(Plan plan)
    {
        Dictionary<string, ushort> indexes = AskIndexes(plan);
        var translator = new RuleTranslator(indexes);
        foreach (TablePlan table in plan.Tables)
        {
            _before.Push(Commit(table, translator));
        }

        CheckIndexes(indexes);
    }

    /// <summary>Puts back what was in force, byte for byte.</summary>
    public void Undo()
    {
        foreach (XtablesSnapshot snapshot in _before)
        {
            XtablesTransaction.Restore(snapshot, heldLock);
        }
    }

    /// <summary>Puts a family's rules in force and returns what was there.</summary>
    private XtablesSnapshot Commit(TablePlan table, RuleTranslator translator)
    {
        NetfilterFamily family = PolicyEntries.ToNetfilter(table.Family);
        if (table.Jump is null)
        {
            XtablesSnapshot removed = XtablesTransaction.TakeSnapshot(family, heldLock, KernelNames.Chain, TableReader.Parent);
            XtablesTransaction.RemoveChain(family, heldLock, KernelNames.Chain, TableReader.Parent);
            return removed;
        }

        using XtablesTable? chains = table.Chain.Any(rule => rule.Rule.Text is not null)
            ? XtablesTable.Open(family, TableReader.Table, heldLock)
            : null;
        RuleTexts? texts = chains is null ? null : new RuleTexts(table.Family, chains);
        XtablesTransaction.ReplaceChain(
            family,
            heldLock,
            KernelNames.Chain,
            TableReader.Parent,
            translator.ToXtables(table.Jump, now),
            [.. table.Chain.Select(rule => Counted(rule, translator, texts))],
            out XtablesSnapshot before);
        return before;
    }

    private CountedRule Counted(PlannedRule planned, RuleTranslator translator, RuleTexts? texts)
    {
        var counters = new XtablesCounters(planned.Packets, planned.Bytes);
        return planned.Rule.Text is null
            ? new CountedRule(translator.ToXtables(planned.Rule, now), counters)
            : new CountedRule(texts!.ToEntry(planned.Rule, translator), counters);
    }

    /// <summary>The indexes of the sets that the plan's rules refer to, asked one by one: that is exact where a listing may have gaps.</summary>
    private Dictionary<string, ushort> AskIndexes(Plan plan) => plan.Tables
        .SelectMany(table => table.Chain.Select(rule => rule.Rule).Append(table.Jump).OfType<Rule>())
        .SelectMany(rule => rule.Sets)
        .Select(match => match.Set)
        .Distinct()
        .ToDictionary(set => set, set => ipset.GetIndex(set) ?? throw new InvalidOperationException($"there is no set {set}, which a rule needs"));

    /// <summary>
    /// A rule holds a set's index, and the index stays with the name only once a rule refers to it: had someone destroyed and made sets between
    /// the question and the commit, the rules would ask another set.
    /// </summary>
    private void CheckIndexes(Dictionary<string, ushort> used)
    {
        foreach ((string set, ushort index) in used)
        {
            if (ipset.GetIndex(set) != index)
            {
                throw new InvalidOperationException($"the set {set} was replaced by someone else while the rules were put in force; apply again");
            }
        }
    }
}

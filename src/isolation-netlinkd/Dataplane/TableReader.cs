using System.Collections.Immutable;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Reads what of a family's filter table is the project's: the chain, and every rule that jumps to it.</summary>
internal sealed class TableReader(RuleTranslator translator)
{
    public const string Table = "filter";
    public const string Parent = "FORWARD";

    /// <summary>The indexes of all sets that the rules read so far refer to.</summary>
    public HashSet<ushort> SetIndexes { get; } = [];

    /// <param name="family">The family.</param>
    /// <param name="optional">Whether a machine without the family's tables, which then holds nothing of ours, is no error.</param>
    public LiveFamily Read(Family family, bool optional)
    {
        try
        {
            using XtablesTable table = XtablesTable.Open(PolicyEntries.ToNetfilter(family), Table);
            return Read(family, table);
        }
        catch (XtablesException e) when (optional && e.IsFamilyMissing)
        {
            return new LiveFamily(family, HasChain: false, [], [], [], AppliedAt: null);
        }
    }

    private LiveFamily Read(Family family, XtablesTable table)
    {
        DateTimeOffset? appliedAt = null;
        var chain = ImmutableArray.CreateBuilder<LiveRule>();
        bool hasChain = table.HasChain(KernelNames.Chain);
        if (hasChain)
        {
            foreach (XtablesTableRule rule in table.Rules(KernelNames.Chain))
            {
                chain.Add(ToLive(rule, isOurs: true, out DateTimeOffset? time));
                appliedAt = time ?? appliedAt;
            }
        }

        var jumps = ImmutableArray.CreateBuilder<LiveJump>();
        var foreignJumps = ImmutableArray.CreateBuilder<string>();
        foreach (string name in hasChain ? table.Chains : [])
        {
            IReadOnlyList<int> positions = table.JumpsTo(name, KernelNames.Chain);
            if (name != Parent)
            {
                foreignJumps.AddRange(positions.Select(position => $"{name} rule {position + 1}"));
            }
            else if (positions.Count > 0)
            {
                IReadOnlyList<XtablesTableRule> rules = table.Rules(name);
                jumps.AddRange(positions.Select(position => new LiveJump(position, ToLive(rules[position], isOurs: false, out _))));
            }
        }

        return new LiveFamily(family, hasChain, chain.ToImmutable(), jumps.ToImmutable(), foreignJumps.ToImmutable(), appliedAt);
    }

    /// <param name="live">The rule.</param>
    /// <param name="isOurs">Whether the rule stands in the project's chain, where it may be an operator's.</param>
    /// <param name="appliedAt">The time that its comment gives, if it does.</param>
    private LiveRule ToLive(XtablesTableRule live, bool isOurs, out DateTimeOffset? appliedAt)
    {
        SetIndexes.UnionWith(live.SetIndexes);
        appliedAt = null;
        Rule? rule = live.Rule is { } known ? translator.FromXtables(known, out appliedAt) : null;
        Rule? text = rule is null ? RuleTexts.FromEntry(live.Entry, translator) : null;
        return new LiveRule(isOurs ? rule ?? text : rule, (rule ?? text)?.ToString() ?? live.Description, live.Counters.Packets, live.Counters.Bytes)
        {
            Sets = [.. live.SetIndexes.Select(translator.NameOf).OfType<string>()],
        };
    }
}

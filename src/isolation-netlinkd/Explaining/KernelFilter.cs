using System.Collections.Immutable;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using SetDirections = DcosIsolation.Policy.SetDirections;
using SetMatch = DcosIsolation.Policy.SetMatch;
using XtablesSetMatch = DcosIsolation.Netlink.Xtables.SetMatch;

namespace DcosIsolation.Daemon.Explaining;

/// <summary>A family's rules in force, as read at one time: those of FORWARD that jump to the chain, and the chain. The sets are asked live.</summary>
internal sealed class KernelFilter
{
    private KernelFilter(Family family) => Family = family;

    public Family Family { get; }

    /// <summary>Whether the chain exists.</summary>
    public bool HasChain { get; private init; }

    /// <summary>The rules of FORWARD that jump to the chain, in order.</summary>
    public ImmutableArray<KernelRule> Jumps { get; private init; } = [];

    /// <summary>The chain's rules, in order.</summary>
    public ImmutableArray<KernelRule> Chain { get; private init; } = [];

    /// <summary>The digest of the policy that the chain is said to enforce, or null.</summary>
    public string? PolicyDigest { get; private init; }

    /// <summary>Whether packets come to the chain at all.</summary>
    public bool IsInForce => HasChain && !Jumps.IsEmpty;

    /// <summary>How many rules of FORWARD packets meet before the first jump.</summary>
    public int RulesBefore => Jumps.IsEmpty ? 0 : Jumps[0].Number - 1;

    /// <summary>Reads a family's table; one that the machine has not holds nothing.</summary>
    /// <exception cref="XtablesException">The table cannot be read.</exception>
    public static KernelFilter Read(Family family, IReadOnlyList<IpsetInfo> sets)
    {
        try
        {
            using XtablesTable table = XtablesTable.Open(PolicyEntries.ToNetfilter(family), TableReader.Table);
            return table.HasChain(KernelNames.Chain) ? Read(family, table, sets) : new KernelFilter(family);
        }
        catch (XtablesException e) when (e.IsFamilyMissing)
        {
            return new KernelFilter(family);
        }
    }

    private static KernelFilter Read(Family family, XtablesTable table, IReadOnlyList<IpsetInfo> sets)
    {
        var indexes = new Dictionary<string, ushort>(StringComparer.Ordinal);
        foreach (IpsetInfo set in sets)
        {
            indexes.TryAdd(set.Name, set.Index ?? 0);
        }

        var translator = new RuleTranslator(indexes);
        ImmutableArray<KernelRule>.Builder chain = ImmutableArray.CreateBuilder<KernelRule>();
        string? digest = null;
        foreach (XtablesTableRule rule in table.Rules(KernelNames.Chain))
        {
            Rule? own = rule.Rule is { } known ? translator.FromXtables(known, out _) : null;
            digest = RuleComment.PolicyOf(own?.Comment) ?? digest;
            chain.Add(ToRule(KernelNames.Chain, chain.Count, rule, own, translator));
        }

        ImmutableArray<KernelRule>.Builder jumps = ImmutableArray.CreateBuilder<KernelRule>();
        IReadOnlyList<int> positions = table.JumpsTo(TableReader.Parent, KernelNames.Chain);
        IReadOnlyList<XtablesTableRule> rules = positions.Count == 0 ? [] : table.Rules(TableReader.Parent);
        foreach (int position in positions)
        {
            Rule? own = rules[position].Rule is { } known ? translator.FromXtables(known, out _) : null;
            jumps.Add(ToRule(TableReader.Parent, position, rules[position], own, translator));
        }

        return new KernelFilter(family) { HasChain = true, Jumps = jumps.ToImmutable(), Chain = chain.ToImmutable(), PolicyDigest = digest };
    }

    private static KernelRule ToRule(string chain, int position, XtablesTableRule found, Rule? own, RuleTranslator translator)
    {
        Rule? known = own ?? RuleTexts.FromEntry(found.Entry, translator);
        return new KernelRule(chain, position + 1, found.Rule, known?.ToString() ?? found.Description)
        {
            Sets = found.Rule is { } rule ? [.. rule.Matches.OfType<XtablesSetMatch>()] : found.Entry.SplitSetMatches(_ => true).Sets,
            MayDecide = known?.Text is not { } words || OperatorVerdicts.MayDecide(words),
            IsOwn = own is not null && (RuleComment.NamesPolicy(own.Comment) || AsksPairs(own)),
        };
    }

    private static bool AsksPairs(Rule rule)
    {
        foreach (SetMatch match in rule.Sets)
        {
            if (match.Directions is SetDirections.SourceDestination or SetDirections.SourceDestinationDestination)
            {
                return true;
            }
        }

        return false;
    }
}

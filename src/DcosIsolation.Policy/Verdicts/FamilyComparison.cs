using System.Collections.Immutable;
using System.Globalization;

namespace DcosIsolation.Policy;

/// <summary>One family's part of a <see cref="VerdictDiff"/>.</summary>
internal sealed class FamilyComparison
{
    /// <summary>The most pairs of classes that are looked at.</summary>
    private const long MostPairs = 20_000_000;

    private readonly Family _family;
    private readonly VerdictAtoms _atoms = new();
    private readonly VerdictChain _before;
    private readonly VerdictChain _after;
    private readonly AddressSweep _sweep;
    private readonly Side[] _sources;
    private readonly Side[] _destinations;
    private readonly string?[][] _names;

    public FamilyComparison(FamilyState wanted, LiveFamily found, LiveState live)
    {
        _family = wanted.Family;
        Dictionary<string, SetSpec> old = InForce(found, live);
        Dictionary<string, SetSpec> fresh = wanted.Sets.ToDictionary(set => set.Name, StringComparer.Ordinal);
        VerdictMarks marks = Marks = new VerdictMarks(old.GetValueOrDefault, fresh.GetValueOrDefault);
        ImmutableArray<Rule> rules = [.. found.Chain.Select(rule => rule.Rule ?? throw Foreign())];
        Rule jump = found.Jumps.Length == 1 ? found.Jumps[0].Rule.Rule ?? throw Foreign() : throw Foreign();
        _before = new VerdictChain(jump, rules, old.GetValueOrDefault, isAfter: false, marks, _atoms);
        _after = new VerdictChain(wanted.Jump, wanted.Chain, fresh.GetValueOrDefault, isAfter: true, marks, _atoms);
        Dictionary<int, SortedSet<string>> named = NamedMarks(marks, old.Values, isAfter: false, []);
        NamedMarks(marks, fresh.Values, isAfter: true, named);
        _sweep = new AddressSweep(_family, marks.All);
        _sources = [.. _sweep.Classes.Select(own => SideOf(own, isSource: true))];
        _destinations = [.. _sweep.Classes.Select(own => SideOf(own, isSource: false))];
        _names = [.. _sweep.Classes.Select(own => NamesOf(own, named))];
        CompareTexts(rules, wanted.Chain);
        Compare();
    }

    /// <summary>The classes that the addresses are divided into.</summary>
    public List<int[]> Classes => _sweep.Classes;

    /// <summary>The prefixes that divide them.</summary>
    public VerdictMarks Marks { get; }

    /// <summary>The pairs of classes between which something changes.</summary>
    public List<(int From, int To, List<ServiceChange> Changes)> Pairs { get; } = [];

    public List<string> Notices { get; } = [];

    /// <summary>The same between networks and parts of networks.</summary>
    public List<VerdictChange> ByNetworks()
    {
        var changes = new VerdictChangeList(_family, _sweep.Texts, _names);
        foreach ((int from, int to, List<ServiceChange> own) in Pairs)
        {
            foreach (ServiceChange change in own)
            {
                changes.Add(from, to, change);
            }
        }

        return changes.ToList();
    }

    private static NotSupportedException Foreign() => new("what is in force is not such as this program writes");

    /// <summary>The sets in force, by logical names.</summary>
    private static Dictionary<string, SetSpec> InForce(LiveFamily found, LiveState live)
    {
        var sets = new LiveSets(live);
        Dictionary<string, SetSpec> all = new(StringComparer.Ordinal);
        foreach (string name in sets.InForce(found))
        {
            if (sets.Ours[name].Content is not { } content || !all.TryAdd(KernelNames.LogicalOf(name), content))
            {
                throw Foreign();
            }
        }

        return all;
    }

    private static Dictionary<int, SortedSet<string>> NamedMarks(
        VerdictMarks marks, IEnumerable<SetSpec> sets, bool isAfter, Dictionary<int, SortedSet<string>> named)
    {
        foreach (SetSpec set in sets)
        {
            foreach (ListEntry entry in (set as ListSet)?.Entries ?? [])
            {
                Name(KernelNames.LogicalOf(entry.Set), entry.Network ?? KernelNames.LogicalOf(entry.Set));
            }

            if (set is NetSet && KernelNames.IsNetworkSet(set.Name) && !sets.OfType<ListSet>().Any())
            {
                Name(KernelNames.LogicalOf(set.Name), KernelNames.LogicalOf(set.Name));
            }
        }

        return named;

        void Name(string set, string network)
        {
            foreach (int mark in marks.Of(set, isAfter) ?? [])
            {
                if (!named.TryGetValue(mark, out SortedSet<string>? names))
                {
                    named.Add(mark, names = new SortedSet<string>(StringComparer.Ordinal));
                }

                names.Add(network);
            }
        }
    }

    private static string?[] NamesOf(int[] marks, Dictionary<int, SortedSet<string>> named)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (int mark in marks)
        {
            names.UnionWith(named.GetValueOrDefault(mark) ?? []);
        }

        return names.Count == 0 ? [null] : [.. names];
    }

    private Side SideOf(int[] marks, bool isSource)
    {
        int[] before = _before.Places(marks, isSource);
        int[] after = _after.Places(marks, isSource);
        return new Side(before, after, !before.Select(_before.AtomAt).SequenceEqual(after.Select(_after.AtomAt)));
    }

    private void CompareTexts(ImmutableArray<Rule> before, ImmutableArray<Rule> after)
    {
        string[] old = [.. before.Where(rule => rule.Target == RuleTarget.Text).Select(rule => rule.Meaning)];
        string[] fresh = [.. after.Where(rule => rule.Target == RuleTarget.Text).Select(rule => rule.Meaning)];
        string name = _family == Family.Inet ? "IPv4" : "IPv6";
        if (!old.AsSpan().SequenceEqual(fresh))
        {
            Notices.Add($"{name}: rules in iptables' words change; what they decide cannot be told");
        }
        else if (old.Length > 0)
        {
            Notices.Add($"{name}: rules in iptables' words are asked as well, and may decide otherwise");
        }
    }

    /// <summary>
    /// A pair of classes of which neither is about other atoms than before, or about the same in another order, is about the same atoms as
    /// before: it need not be looked at.
    /// </summary>
    private void Compare()
    {
        int count = _sweep.Classes.Count;
        long pairs = 0;
        Dictionary<string, List<ServiceChange>> known = new(StringComparer.Ordinal);
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                if (!_sources[from].IsOther && !_destinations[to].IsOther)
                {
                    continue;
                }

                if (++pairs > MostPairs)
                {
                    Notices.Add(string.Create(
                        CultureInfo.InvariantCulture, $"more than {MostPairs} pairs of addresses differ in their rules: not all changes are listed"));
                    return;
                }

                int[] before = Common(_before, _sources[from].Before, _destinations[to].Before);
                int[] after = Common(_after, _sources[from].After, _destinations[to].After);
                if (before.AsSpan().SequenceEqual(after))
                {
                    continue;
                }

                string key = $"{string.Join(' ', before)}/{string.Join(' ', after)}";
                if (!known.TryGetValue(key, out List<ServiceChange>? found))
                {
                    known.Add(key, found = ServiceChange.Of(before, after, _atoms));
                }

                if (found.Count > 0)
                {
                    Pairs.Add((from, to, found));
                }
            }
        }
    }

    private static int[] Common(VerdictChain chain, int[] sources, int[] destinations)
    {
        List<int> both = [];
        for (int i = 0, j = 0; i < sources.Length && j < destinations.Length;)
        {
            int order = sources[i] - destinations[j];
            if (order == 0)
            {
                both.Add(chain.AtomAt(sources[i]));
            }

            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return [.. both];
    }

    /// <summary>The places of both chains that a class fits on one side, and whether their atoms differ.</summary>
    private sealed record Side(int[] Before, int[] After, bool IsOther);
}

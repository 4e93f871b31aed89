using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>The live sets by name: which are the project's, which are in force, and who refers to them.</summary>
internal sealed class LiveSets
{
    private readonly Dictionary<string, LiveSet> _ours = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LiveSet> _foreign = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _references = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inForce = new(StringComparer.Ordinal);

    public LiveSets(LiveState live)
    {
        foreach (LiveSet set in live.Sets)
        {
            (KernelNames.IsOurs(set.Name, set.TypeName) ? _ours : _foreign).Add(set.Name, set);
        }

        foreach (LiveFamily family in live.Families)
        {
            foreach (string name in NamesInRules(family))
            {
                _references[name] = ReferencesFromRules(name) + 1;
            }

            _inForce.UnionWith(InForce(family));
        }
    }

    /// <summary>The sets of the project's names and types.</summary>
    public IReadOnlyDictionary<string, LiveSet> Ours => _ours;

    /// <summary>Sets under one of the project's names, of a type that it never gives that name.</summary>
    public IReadOnlyDictionary<string, LiveSet> Foreign => _foreign;

    /// <summary>
    /// Whether one of the project's rules in force asks the set, itself or through a list, or the set is a registry in force.
    /// </summary>
    public bool IsInForce(string name) => _inForce.Contains(name);

    /// <summary>How many times the rules of the chain and its jumps refer to the set.</summary>
    public int ReferencesFromRules(string name) => _references.GetValueOrDefault(name);

    /// <summary>The names of a family's sets in force: what its rules ask, the members of lists among these, and the registry.</summary>
    public HashSet<string> InForce(LiveFamily family)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in NamesInRules(family))
        {
            if (_ours.ContainsKey(name))
            {
                names.Add(name);
            }
        }

        if (FlatInForce(names, family.Family) is { } flat && RegistryBeside(flat, family.Family) is { } registry)
        {
            names.Add(registry);
        }

        foreach (string name in names.ToArray())
        {
            names.UnionWith(MembersOf(_ours[name]));
        }

        return names;
    }

    /// <summary>The kernel names of a list's members that are the project's; none for other types.</summary>
    public IEnumerable<string> MembersOf(LiveSet set) =>
        set.Content is ListSet list ? list.Entries.Select(entry => entry.Set).Where(_ours.ContainsKey) : [];

    /// <summary>The names of sets in a family's rules, foreign ones too, as often as they occur: the switch removes them all.</summary>
    public static IEnumerable<string> NamesInRules(LiveFamily family) =>
        family.Jumps.Select(jump => jump.Rule).Concat(family.Chain).SelectMany(rule => rule.Sets);

    private static string? FlatInForce(HashSet<string> names, Family family) =>
        KernelNames.Slots(KernelNames.OverlaysFlat(family)).FirstOrDefault(names.Contains);

    /// <summary>
    /// The list:set that belongs to a flattened set. No rule refers to it; beside a leftover of an interrupted switch it is told by its
    /// members' addresses. No packet depends on the choice.
    /// </summary>
    private string? RegistryBeside(string flat, Family family)
    {
        string[] candidates = [.. KernelNames.Slots(KernelNames.Overlays(family)).Where(IsReadableList)];
        return candidates.Length < 2 || _ours[flat].Content is not NetSet union
            ? candidates.FirstOrDefault()
            : candidates.FirstOrDefault(name => UnionOfMembers(name).AsSpan().SequenceEqual(union.Entries.AsSpan())) ?? candidates[0];
    }

    private bool IsReadableList(string name) => _ours.TryGetValue(name, out LiveSet? set) && set.Content is ListSet;

    private ImmutableArray<Prefix> UnionOfMembers(string list) =>
        PrefixUnion.Of([.. MembersOf(_ours[list]).Select(name => _ours[name].Content).OfType<NetSet>().Select(set => set.Entries)]);
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// What two states of a family ask about addresses: the prefixes of sets and rules, by number. A set that is in both states is three
/// marks at most: what it holds in both, before, and after.
/// </summary>
internal sealed class VerdictMarks(Func<string, SetSpec?> before, Func<string, SetSpec?> after)
{
    private readonly Dictionary<string, (int[] Before, int[] After)> _sets = new(StringComparer.Ordinal);
    private readonly Dictionary<Prefix, int> _prefixes = [];

    /// <summary>The prefixes of each mark: sorted, none in another.</summary>
    public List<ImmutableArray<Prefix>> All { get; } = [];

    /// <summary>The mark of one prefix.</summary>
    public int Of(Prefix prefix)
    {
        if (!_prefixes.TryGetValue(prefix, out int mark))
        {
            _prefixes.Add(prefix, mark = Add([prefix]));
        }

        return mark;
    }

    /// <summary>The marks of which an address has one when a set holds it; null when nobody knows.</summary>
    /// <param name="name">The set's logical name.</param>
    /// <param name="isAfter">Which state is asked.</param>
    public int[]? Of(string name, bool isAfter)
    {
        Func<string, SetSpec?> find = isAfter ? after : before;
        switch (find(name))
        {
            case ListSet list:
                return Of(list, isAfter);
            case NetSet flat when KernelNames.OverlaysFlat(flat.Family) == name
                && find(KernelNames.Overlays(flat.Family)) is ListSet registry
                && IsUnion(flat, registry, find):
                // The same addresses once more would keep the sweep from leaping.
                return Of(registry, isAfter);
            case NetSet:
                return isAfter ? Both(name).After : Both(name).Before;
            default:
                return null;
        }
    }

    private int[]? Of(ListSet list, bool isAfter)
    {
        List<int> marks = [];
        foreach (ListEntry entry in list.Entries)
        {
            if (Of(KernelNames.LogicalOf(entry.Set), isAfter) is not { } own)
            {
                return null;
            }

            marks.AddRange(own);
        }

        return [.. marks];
    }

    private static bool IsUnion(NetSet flat, ListSet registry, Func<string, SetSpec?> find)
    {
        List<ImmutableArray<Prefix>> members = [];
        foreach (ListEntry entry in registry.Entries)
        {
            if (find(KernelNames.LogicalOf(entry.Set)) is not NetSet member)
            {
                return false;
            }

            members.Add(member.Entries);
        }

        return PrefixUnion.Of([.. members]).AsSpan().SequenceEqual(flat.Entries.AsSpan());
    }

    private (int[] Before, int[] After) Both(string name)
    {
        if (_sets.TryGetValue(name, out (int[] Before, int[] After) known))
        {
            return known;
        }

        ImmutableArray<Prefix> old = Entries(before(name));
        ImmutableArray<Prefix> fresh = Entries(after(name));
        (int[] Before, int[] After) marks;
        if (old.AsSpan().SequenceEqual(fresh.AsSpan()))
        {
            int[] same = [Add(old)];
            marks = (same, same);
        }
        else
        {
            (ImmutableArray<Prefix> both, ImmutableArray<Prefix> gone, ImmutableArray<Prefix> come) = Split(old, fresh);
            int shared = Add(both);
            marks = ([shared, Add(gone)], [shared, Add(come)]);
        }

        _sets.Add(name, marks);
        return marks;
    }

    private int Add(ImmutableArray<Prefix> prefixes)
    {
        All.Add(prefixes);
        return All.Count - 1;
    }

    private static ImmutableArray<Prefix> Entries(SetSpec? set)
    {
        if (set is not NetSet { Entries: var entries })
        {
            return [];
        }

        for (int i = 1; i < entries.Length; i++)
        {
            // Others may have added what is in a larger prefix already.
            if (entries[i].Bits <= entries[i - 1].LastBits)
            {
                return PrefixUnion.Of([entries]);
            }
        }

        return entries;
    }

    private static (ImmutableArray<Prefix> Both, ImmutableArray<Prefix> Gone, ImmutableArray<Prefix> Come) Split(
        ImmutableArray<Prefix> old, ImmutableArray<Prefix> fresh)
    {
        ImmutableArray<Prefix>.Builder both = ImmutableArray.CreateBuilder<Prefix>(Math.Min(old.Length, fresh.Length));
        ImmutableArray<Prefix>.Builder gone = ImmutableArray.CreateBuilder<Prefix>();
        ImmutableArray<Prefix>.Builder come = ImmutableArray.CreateBuilder<Prefix>();
        for (int i = 0, j = 0; i < old.Length || j < fresh.Length;)
        {
            int order = i == old.Length ? 1 : j == fresh.Length ? -1 : old[i].CompareTo(fresh[j]);
            (order == 0 ? both : order < 0 ? gone : come).Add(order <= 0 ? old[i] : fresh[j]);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return (both.ToImmutable(), gone.ToImmutable(), come.ToImmutable());
    }
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>The entries by which two generations of a set differ.</summary>
internal static class EntryDiff
{
    /// <summary>Compares sets of logical member names; sets of two types have nothing in common, and null has no entries.</summary>
    public static (SetSpec? Added, SetSpec? Removed) Between(SetSpec? before, SetSpec? after)
    {
        switch (before, after)
        {
            case (NetSet old, NetSet now):
                (ImmutableArray<Prefix> added, ImmutableArray<Prefix> removed) = Merge(old.Entries, now.Entries);
                return (now with { Entries = added }, old with { Entries = removed });
            case (NetNetSet old, NetNetSet now):
                (ImmutableArray<NetNetEntry> addedPairs, ImmutableArray<NetNetEntry> removedPairs) = Merge(old.Entries, now.Entries);
                return (now with { Entries = addedPairs }, old with { Entries = removedPairs });
            case (NetPortNetSet old, NetPortNetSet now):
                (ImmutableArray<NetPortNetEntry> addedPorts, ImmutableArray<NetPortNetEntry> removedPorts) = Merge(old.Entries, now.Entries);
                return (now with { Entries = addedPorts }, old with { Entries = removedPorts });
            case (ListSet old, ListSet now):
                return (now with { Entries = [.. now.Entries.Except(old.Entries)] }, old with { Entries = [.. old.Entries.Except(now.Entries)] });
            default:
                return (after, before);
        }
    }

    private static (ImmutableArray<TEntry> Added, ImmutableArray<TEntry> Removed) Merge<TEntry>(
        ImmutableArray<TEntry> old, ImmutableArray<TEntry> now)
        where TEntry : struct, IComparable<TEntry>
    {
        ImmutableArray<TEntry>.Builder added = ImmutableArray.CreateBuilder<TEntry>();
        ImmutableArray<TEntry>.Builder removed = ImmutableArray.CreateBuilder<TEntry>();
        int i = 0;
        int j = 0;
        while (i < old.Length || j < now.Length)
        {
            int order = i == old.Length ? 1 : j == now.Length ? -1 : old[i].CompareTo(now[j]);
            if (order < 0)
            {
                removed.Add(old[i++]);
            }
            else if (order > 0)
            {
                added.Add(now[j++]);
            }
            else
            {
                i++;
                j++;
            }
        }

        return (added.DrainToImmutable(), removed.DrainToImmutable());
    }
}

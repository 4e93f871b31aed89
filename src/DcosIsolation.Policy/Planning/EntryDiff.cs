using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>The entries by which two generations of a set differ.</summary>
internal static class EntryDiff
{
    /// <summary>Compares sets of logical member names; sets of two types have nothing in common, and null has no entries.</summary>
    public static (IReadOnlyList<string> Added, IReadOnlyList<string> Removed) Between(SetSpec? before, SetSpec? after) =>
        (before, after) switch
        {
            (NetSet old, NetSet now) => Merge(old.Entries, now.Entries),
            (NetNetSet old, NetNetSet now) => Merge(old.Entries, now.Entries),
            (NetPortNetSet old, NetPortNetSet now) => Merge(old.Entries, now.Entries),
            (ListSet old, ListSet now) => (
                new EntryTextList<ListEntry>([.. now.Entries.Except(old.Entries)]),
                new EntryTextList<ListEntry>([.. old.Entries.Except(now.Entries)])),
            _ => (after?.EntryTexts ?? [], before?.EntryTexts ?? []),
        };

    private static (IReadOnlyList<string> Added, IReadOnlyList<string> Removed) Merge<TEntry>(
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

        return (new EntryTextList<TEntry>(added.DrainToImmutable()), new EntryTextList<TEntry>(removed.DrainToImmutable()));
    }
}

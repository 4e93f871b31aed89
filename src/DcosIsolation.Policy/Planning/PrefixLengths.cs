using System.Runtime.CompilerServices;

namespace DcosIsolation.Policy;

/// <summary>
/// How many entries of a set have each prefix length, in each dimension. The kernel keeps the lengths in use in an array that every lookup
/// goes through, and moves the array's items under the lookups when a length comes or goes (mtype_add_cidr and mtype_del_cidr,
/// ip_set_hash_gen.h): a lookup can then miss a length, and with it entries that nobody touched. A set in force must keep its lengths.
/// </summary>
internal sealed class PrefixLengths
{
    private Counts _first;
    private Counts _second;

    public PrefixLengths(SetSpec content) => Count(content, 1, IgnoreChange);

    private delegate void OnChange(int length);

    /// <summary>Why a set in force cannot get its first entry of a length.</summary>
    public static string WhyNotComing(string set, int length) =>
        $"{set} would get its first entry of the prefix length {length}, and the kernel moves its list of lengths under packets that read it";

    /// <summary>Why a set in force cannot lose its last entry of a length.</summary>
    public static string WhyNotGoing(string set, int length) =>
        $"{set} would lose its last entry of the prefix length {length}, and the kernel moves its list of lengths under packets that read it";

    /// <summary>Counts entries that are added, and returns a length that comes with them, or null.</summary>
    public int? Add(SetSpec entries) => Change(entries, 1);

    /// <summary>Counts entries that are deleted, and returns a length that goes with them, or null.</summary>
    public int? Remove(SetSpec entries) => Change(entries, -1);

    private int? Change(SetSpec entries, int by)
    {
        int? changed = null;
        Count(entries, by, length => changed = length);
        return changed;
    }

    private void Count(SetSpec entries, int by, OnChange changed)
    {
        switch (entries)
        {
            case NetSet set:
                foreach (Prefix entry in set.Entries)
                {
                    Count(ref _first, entry.Length, by, changed);
                }

                break;
            case NetNetSet set:
                foreach (NetNetEntry entry in set.Entries)
                {
                    Count(ref _first, entry.Source.Length, by, changed);
                    Count(ref _second, entry.Destination.Length, by, changed);
                }

                break;
            case NetPortNetSet set:
                foreach (NetPortNetEntry entry in set.Entries)
                {
                    Count(ref _first, entry.Source.Length, by, changed);
                    Count(ref _second, entry.Destination.Length, by, changed);
                }

                break;
        }
    }

    private static void Count(ref Counts counts, int length, int by, OnChange changed)
    {
        int before = counts[length];
        counts[length] = before + by;
        if (before == 0 || before + by == 0)
        {
            changed(length);
        }
    }

    private static void IgnoreChange(int length)
    {
    }

    [InlineArray(129)]
    private struct Counts
    {
        private int _count;
    }
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace DcosIsolation.Policy;

/// <summary>The fewest prefixes that hold the addresses of many: contained ones dropped, adjacent ones joined, none of length 0.</summary>
internal static class PrefixUnion
{
    public static ImmutableArray<Prefix> Of(IReadOnlyList<ImmutableArray<Prefix>> parts)
    {
        int count = 0;
        foreach (ImmutableArray<Prefix> part in parts)
        {
            count += part.Length;
        }

        var all = new Prefix[count];
        int filled = 0;
        foreach (ImmutableArray<Prefix> part in parts)
        {
            part.CopyTo(all, filled);
            filled += part.Length;
        }

        Array.Sort(all);
        return ImmutableCollectionsMarshal.AsImmutableArray(all[..Merge(all)]);
    }

    private static int Merge(Span<Prefix> sorted)
    {
        int kept = 0;
        foreach (Prefix prefix in sorted)
        {
            if (kept > 0 && sorted[kept - 1].Contains(prefix))
            {
                continue;
            }

            sorted[kept++] = prefix;
            while (kept > 1 && AreHalves(sorted[kept - 2], sorted[kept - 1]))
            {
                kept--;
                Prefix half = sorted[kept - 1];
                sorted[kept - 1] = new Prefix(half.Family, half.Bits, half.Length - 1);
            }
        }

        return kept;
    }

    // The kernel takes no prefix of length 0, so the two halves of everything stay two.
    private static bool AreHalves(Prefix lower, Prefix upper) =>
        lower.Family == upper.Family
        && lower.Length == upper.Length
        && lower.Length > 1
        && new Prefix(lower.Family, upper.Bits, lower.Length - 1).Bits == lower.Bits
        && lower.Bits != upper.Bits;
}

namespace DcosIsolation.Policy;

/// <summary>Brings prefixes to the one shortest form that covers the same addresses. Stateless; safe to call from any thread.</summary>
public static class PrefixCanonicalizer
{
    /// <summary>
    /// Sorts <paramref name="prefixes"/> and merges it in place: duplicates and contained prefixes go, and two halves of a prefix become
    /// the prefix, repeatedly, but never one of length 0, which a hash:net set cannot hold: everything stays as two prefixes of length 1.
    /// Both families may be mixed. Allocates nothing; sorts by <see cref="RadixSort"/>.
    /// </summary>
    /// <param name="prefixes">The prefixes, in any order, none of length 0. What lies beyond the returned count is unspecified.</param>
    /// <returns>How many prefixes, from the start of the span, are left.</returns>
    /// <exception cref="ArgumentException">A prefix has length 0; give its two halves.</exception>
    public static int Canonicalize(Span<Prefix> prefixes)
    {
        RadixSort.Sort(prefixes);
        int count = 0;
        foreach (Prefix next in prefixes)
        {
            if (next.Length == 0)
            {
                throw new ArgumentException($"{next} has length 0; give its two halves", nameof(prefixes));
            }

            if (count > 0 && prefixes[count - 1].Contains(next))
            {
                continue;
            }

            prefixes[count++] = next;
            while (count > 1 && TryJoin(prefixes[count - 2], prefixes[count - 1], out Prefix joined))
            {
                prefixes[--count - 1] = joined;
            }
        }

        return count;
    }

    private static bool TryJoin(Prefix low, Prefix high, out Prefix joined)
    {
        joined = default;
        if (low.Family != high.Family || low.Length != high.Length || low.Length <= 1)
        {
            return false;
        }

        joined = new Prefix(low.Family, low.Bits, low.Length - 1);
        return joined.Bits == low.Bits && joined.Contains(high);
    }
}

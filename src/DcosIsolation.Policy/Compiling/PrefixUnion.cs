using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace DcosIsolation.Policy;

/// <summary>The fewest prefixes that hold the addresses of many: contained ones dropped, adjacent ones joined, none of length 0.</summary>
internal static class PrefixUnion
{
    public static ImmutableArray<Prefix> Of(IReadOnlyList<ImmutableArray<Prefix>> parts)
    {
        if (parts is [var only])
        {
            return only;
        }

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

        return ImmutableCollectionsMarshal.AsImmutableArray(all[..PrefixCanonicalizer.Canonicalize(all)]);
    }
}

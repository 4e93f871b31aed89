namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Which rules of a chain can stay when it becomes another list: a common subsequence, found as the longest increasing run of positions in
/// O(n log n). It is the longest there is where no rule occurs twice; equal rules are paired in order, the first with the first.
/// </summary>
internal static class RuleDiff
{
    /// <summary>For each wanted rule the position of the present one that stays in its place, or -1 for one to insert.</summary>
    public static int[] Match(IReadOnlyList<byte[]> present, IReadOnlyList<byte[]> wanted)
    {
        var positions = new Dictionary<byte[], Queue<int>>(ByteArrayComparer.Instance);
        for (int i = 0; i < present.Count; i++)
        {
            if (!positions.TryGetValue(present[i], out Queue<int>? queue))
            {
                positions.Add(present[i], queue = new());
            }

            queue.Enqueue(i);
        }

        int[] pairs = new int[wanted.Count];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = positions.TryGetValue(wanted[i], out Queue<int>? queue) && queue.TryDequeue(out int position) ? position : -1;
        }

        KeepLongestIncreasing(pairs);
        return pairs;
    }

    /// <summary>Patience sorting: tails[n] is where the run of n + 1 items that ends lowest ends.</summary>
    private static void KeepLongestIncreasing(int[] pairs)
    {
        var tails = new List<int>();
        int[] previous = new int[pairs.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            if (pairs[i] < 0)
            {
                continue;
            }

            int low = 0;
            for (int high = tails.Count; low < high;)
            {
                int middle = (low + high) / 2;
                (low, high) = pairs[tails[middle]] < pairs[i] ? (middle + 1, high) : (low, middle);
            }

            previous[i] = low == 0 ? -1 : tails[low - 1];
            if (low == tails.Count)
            {
                tails.Add(i);
            }
            else
            {
                tails[low] = i;
            }
        }

        bool[] kept = new bool[pairs.Length];
        for (int i = tails.Count == 0 ? -1 : tails[^1]; i >= 0; i = previous[i])
        {
            kept[i] = true;
        }

        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = kept[i] ? pairs[i] : -1;
        }
    }

    private sealed class ByteArrayComparer : IEqualityComparer<byte[]>
    {
        public static ByteArrayComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj)
        {
            HashCode hash = default;
            hash.AddBytes(obj);
            return hash.ToHashCode();
        }
    }
}

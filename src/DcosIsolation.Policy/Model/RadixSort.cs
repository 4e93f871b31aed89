namespace DcosIsolation.Policy;

/// <summary>What can be sorted byte by byte: comparing the bytes of two keys, the first first, is comparing the two.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IRadixKey<TSelf> : IComparable<TSelf>
    where TSelf : struct, IRadixKey<TSelf>
{
    /// <summary>The number of a key's bytes.</summary>
    static abstract int KeyLength { get; }

    /// <summary>The byte at <paramref name="position"/>, from 0, the most significant one, to <see cref="KeyLength"/> - 1.</summary>
    byte KeyByte(int position);
}

/// <summary>
/// Sorts by distribution, in place: several times as fast as comparing where there are many. Allocates nothing; the stack takes 1 KiB for
/// each byte of the key at most. Not stable. Stateless; safe to call from any thread.
/// </summary>
public static class RadixSort
{
    private const int Values = 256;

    // Up to here, inserting one by one moves less.
    private const int FewEnough = 24;

    /// <summary>
    /// Sorts <paramref name="items"/> by <see cref="IComparable{T}.CompareTo"/>; what is in order already is only looked at.
    /// </summary>
    public static void Sort<T>(Span<T> items)
        where T : struct, IRadixKey<T>
    {
        if (!IsSorted(items))
        {
            Sort(items, 0);
        }
    }

    private static bool IsSorted<T>(ReadOnlySpan<T> items)
        where T : struct, IRadixKey<T>
    {
        for (int i = 1; i < items.Length; i++)
        {
            if (items[i - 1].CompareTo(items[i]) > 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Sorts what is alike in all bytes before <paramref name="position"/> ("American flag sort").</summary>
    private static void Sort<T>(Span<T> items, int position)
        where T : struct, IRadixKey<T>
    {
        if (items.Length <= FewEnough)
        {
            Insert(items);
            return;
        }

        Span<int> ends = stackalloc int[Values];
        while (Count(items, position, ends))
        {
            if (++position == T.KeyLength)
            {
                return;
            }
        }

        Distribute(items, position, ends);
        if (position + 1 < T.KeyLength)
        {
            int start = 0;
            foreach (int end in ends)
            {
                Sort(items[start..end], position + 1);
                start = end;
            }
        }
    }

    /// <summary>Counts the values of a byte.</summary>
    /// <returns>Whether it is the same in all.</returns>
    private static bool Count<T>(ReadOnlySpan<T> items, int position, Span<int> counts)
        where T : struct, IRadixKey<T>
    {
        counts.Clear();
        foreach (ref readonly T item in items)
        {
            counts[item.KeyByte(position)]++;
        }

        return counts[items[0].KeyByte(position)] == items.Length;
    }

    /// <summary>Brings every item to those with the same byte.</summary>
    /// <param name="items">The items.</param>
    /// <param name="position">The byte's position.</param>
    /// <param name="ends">The number of items with each value; becomes where those end.</param>
    private static void Distribute<T>(Span<T> items, int position, Span<int> ends)
        where T : struct, IRadixKey<T>
    {
        Span<int> next = stackalloc int[Values];
        int sum = 0;
        for (int value = 0; value < Values; value++)
        {
            next[value] = sum;
            sum += ends[value];
            ends[value] = sum;
        }

        for (int value = 0; value < Values; value++)
        {
            while (next[value] < ends[value])
            {
                // Take one out, and put each where it belongs and take out what was there, until one belongs into the first place.
                T item = items[next[value]];
                for (int target = item.KeyByte(position); target != value; target = item.KeyByte(position))
                {
                    ref T place = ref items[next[target]++];
                    (item, place) = (place, item);
                }

                items[next[value]++] = item;
            }
        }
    }

    private static void Insert<T>(Span<T> items)
        where T : struct, IRadixKey<T>
    {
        for (int i = 1; i < items.Length; i++)
        {
            T item = items[i];
            int place = i;
            for (; place > 0 && items[place - 1].CompareTo(item) > 0; place--)
            {
                items[place] = items[place - 1];
            }

            items[place] = item;
        }
    }
}

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// The order in which entries fill the kernel's hash table from its beginning to its end, so that it is written like a list, not at random.
/// </summary>
internal sealed class IpsetBucketOrder
{
    /// <summary>Sorted this many at a time: a few sweeps over the table are nearly as good as one, and take little memory.</summary>
    public const int SliceLength = 256 * 1024;

    private const int RadixBits = 11;
    private const int Buckets = 1 << RadixBits;

    private readonly uint _initVal;
    private readonly uint _mask;
    private readonly int[] _counts = new int[Buckets];
    private ulong[] _keys;
    private ulong[] _spare;

    /// <summary>Makes one for a table.</summary>
    /// <param name="initVal">The seed of the table.</param>
    /// <param name="hashSize">The number of its buckets, a power of two.</param>
    /// <param name="count">How many entries there will be.</param>
    public IpsetBucketOrder(uint initVal, uint hashSize, int count)
    {
        _initVal = initVal;
        _mask = hashSize - 1;
        _keys = GC.AllocateUninitializedArray<ulong>(Math.Min(count, SliceLength));
        _spare = GC.AllocateUninitializedArray<ulong>(_keys.Length);
    }

    /// <summary>The order of a slice: the index of an entry in the lower half of each, its bucket in the upper.</summary>
    /// <returns>As many as there are entries; valid until the next call.</returns>
    public ReadOnlySpan<ulong> Sort<T>(ReadOnlySpan<T> slice)
        where T : struct, IIpsetEntry
    {
        for (int i = 0; i < slice.Length; i++)
        {
            _keys[i] = ((ulong)(IpsetHash.Of(slice[i].ToEntry(), _initVal) & _mask) << 32) | (uint)i;
        }

        for (int shift = 0; _mask >> shift != 0; shift += RadixBits)
        {
            Pass(slice.Length, 32 + shift);
        }

        return _keys.AsSpan(0, slice.Length);
    }

    /// <summary>Sorts by some bits, and leaves the order of those that are alike.</summary>
    private void Pass(int length, int shift)
    {
        ReadOnlySpan<ulong> keys = _keys.AsSpan(0, length);
        Span<int> counts = _counts;
        counts.Clear();
        foreach (ulong key in keys)
        {
            counts[(int)(key >> shift) & (Buckets - 1)]++;
        }

        int next = 0;
        foreach (ref int count in counts)
        {
            (count, next) = (next, next + count);
        }

        foreach (ulong key in keys)
        {
            _spare[counts[(int)(key >> shift) & (Buckets - 1)]++] = key;
        }

        (_keys, _spare) = (_spare, _keys);
    }
}

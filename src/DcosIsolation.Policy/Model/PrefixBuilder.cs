using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DcosIsolation.Policy;

/// <summary>
/// Gathers prefixes in any order and makes the canonical array of them. IPv4 is held in 8 bytes each until then, so that a million more or
/// less is no matter of memory.
/// </summary>
internal sealed class PrefixBuilder
{
    // What is only expected is not given any amount of memory.
    private const int MaxReserved = 16 * 1024 * 1024;

    private readonly List<InetKey> _inet = [];
    private readonly List<Prefix> _inet6 = [];

    /// <summary>How many prefixes were added; one of length 0 counts as two.</summary>
    public int Count => _inet.Count + _inet6.Count;

    /// <summary>Adds a prefix; one of length 0 as its two halves, since a hash:net set cannot hold it.</summary>
    public void Add(Prefix prefix)
    {
        if (prefix.Length == 0)
        {
            Add(new Prefix(prefix.Family, UInt128.Zero, 1));
            Add(new Prefix(prefix.Family, UInt128.One << 127, 1));
        }
        else if (prefix.Family == Family.Inet)
        {
            _inet.Add(new InetKey((uint)(prefix.Bits >> 96), prefix.Length));
        }
        else
        {
            _inet6.Add(prefix);
        }
    }

    /// <summary>Adds an IPv4 prefix.</summary>
    /// <param name="address">The address, without host bits.</param>
    /// <param name="length">The prefix length, 1 to 32.</param>
    public void AddInet(uint address, int length) => _inet.Add(new InetKey(address, length));

    /// <summary>Makes room for <paramref name="factor"/> times as many prefixes as there are: growing in steps needs more memory.</summary>
    public void Reserve(double factor)
    {
        _inet.EnsureCapacity((int)Math.Min(_inet.Count * factor, MaxReserved));
        _inet6.EnsureCapacity((int)Math.Min(_inet6.Count * factor, MaxReserved));
    }

    /// <summary>Sorts and merges, as <see cref="PrefixCanonicalizer"/> does. The builder is used up.</summary>
    public ImmutableArray<Prefix> ToCanonical()
    {
        Span<InetKey> inet = CollectionsMarshal.AsSpan(_inet);
        RadixSort.Sort(inet);
        inet = inet[..Merge(inet)];
        Span<Prefix> inet6 = CollectionsMarshal.AsSpan(_inet6);
        inet6 = inet6[..PrefixCanonicalizer.Canonicalize(inet6)];

        var all = new Prefix[inet.Length + inet6.Length];
        for (int i = 0; i < inet.Length; i++)
        {
            all[i] = inet[i].ToPrefix();
        }

        inet6.CopyTo(all.AsSpan(inet.Length));
        return ImmutableCollectionsMarshal.AsImmutableArray(all);
    }

    /// <summary>Merges sorted IPv4 prefixes in place.</summary>
    /// <returns>How many are left.</returns>
    private static int Merge(Span<InetKey> keys)
    {
        int count = 0;
        foreach (InetKey next in keys)
        {
            if (count > 0 && keys[count - 1].Contains(next))
            {
                continue;
            }

            keys[count++] = next;
            while (count > 1 && keys[count - 2].IsOtherHalfOf(keys[count - 1]))
            {
                count--;
                keys[count - 1] = keys[count - 1].Parent;
            }
        }

        return count;
    }

    /// <summary>An IPv4 prefix as a number that sorts like it: the address, then the length.</summary>
    private readonly struct InetKey(uint address, int length) : IRadixKey<InetKey>
    {
        private readonly ulong _key = ((ulong)address << 8) | (byte)length;

        private uint Address => (uint)(_key >> 8);

        private int Length => (byte)_key;

        public static int KeyLength => 5;

        /// <summary>The prefix that is this and its other half.</summary>
        public InetKey Parent => new(Address & ~(1u << (32 - Length)), Length - 1);

        public byte KeyByte(int position) => (byte)(_key >> (32 - (8 * position)));

        public int CompareTo(InetKey other) => _key.CompareTo(other._key);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Contains(InetKey other) => Length <= other.Length && (Address ^ other.Address) >> (32 - Length) == 0;

        /// <summary>Whether both are the halves of one prefix, but not of one of length 0.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool IsOtherHalfOf(InetKey other) =>
            Length == other.Length && Length > 1 && (Address ^ other.Address) == 1u << (32 - Length);

        public Prefix ToPrefix() => new(Address, (byte)Length);
    }
}

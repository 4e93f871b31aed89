using System.Numerics;

namespace DcosIsolation.Policy;

/// <summary>
/// The kernel memory that a set takes, told before it is made. Follows net/netfilter/ipset/ip_set_hash_gen.h for a table of
/// <c>count / 2</c> buckets, rounded up to a power of two. Pure functions; thread-safe.
/// </summary>
/// <remarks>
/// The kernel's own figure (IPSET_ATTR_MEMSIZE) leaves out what its allocators round up, and is less than what the machine loses.
/// </remarks>
public static class SetMemory
{
    private const int PointerBytes = 8;

    // struct hbucket: rcu_head, a bitmap of 64 bits, size and position, padded.
    private const int BucketHeaderBytes = 32;

    // AHASH_INIT_SIZE: a bucket grows by so many entries.
    private const int BucketStep = 2;

    // AHASH_MAX_TUNED: with more, the table would be resized; at two entries a bucket on average that is one in millions.
    private const int MaxBucketEntries = 12;

    // The set itself, its type's data with the counters per prefix length, and a timer: measured, as is a member of a list.
    private const int SetBytes = 4096;
    private const int MemberBytes = 128;

    // A table beyond this comes from vmalloc, which may round up to huge pages.
    private const long HugePageBytes = 2 << 20;

    /// <summary>The bytes that <paramref name="set"/> takes.</summary>
    public static long BytesOf(SetSpec set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return BytesOf(set.TypeName, set.Family, set.Count);
    }

    /// <summary>The bytes that a set of <paramref name="count"/> entries takes.</summary>
    /// <param name="typeName">The kernel's name of the type: hash:net, hash:net,net, hash:net,port,net or list:set.</param>
    /// <param name="family">The family.</param>
    /// <param name="count">The number of entries.</param>
    /// <exception cref="ArgumentException">There is no such type.</exception>
    public static long BytesOf(string typeName, Family family, long count)
    {
        if (typeName == "list:set")
        {
            return SetBytes + (count * MemberBytes);
        }

        int entryBytes = EntryBytes(typeName, family);
        long buckets = Math.Max(64, (long)BitOperations.RoundUpToPowerOf2((ulong)count / 2));
        long table = buckets * PointerBytes;
        return SetBytes + (table > HugePageBytes ? table + HugePageBytes : table) + (long)(buckets * BytesPerBucket((double)count / buckets, entryBytes));
    }

    /// <summary>The mean over buckets whose numbers of entries are Poisson-distributed, as a good hash makes them.</summary>
    private static double BytesPerBucket(double load, int entryBytes)
    {
        double probability = Math.Exp(-load);
        double bytes = 0;
        for (int entries = 1; entries <= MaxBucketEntries; entries++)
        {
            probability *= load / entries;
            int room = (entries + BucketStep - 1) / BucketStep * BucketStep;
            bytes += probability * SlabBytes(BucketHeaderBytes + (room * entryBytes));
        }

        return bytes;
    }

    /// <summary>What kmalloc hands out for a size: powers of two, 96 and 192.</summary>
    private static int SlabBytes(int size) => size switch
    {
        <= 64 => 64,
        <= 96 => 96,
        <= 128 => 128,
        <= 192 => 192,
        _ => (int)BitOperations.RoundUpToPowerOf2((uint)size),
    };

    // struct hash_net4_elem and so on, in ip_set_hash_net.c, ip_set_hash_netnet.c and ip_set_hash_netportnet.c.
    private static int EntryBytes(string typeName, Family family) => (typeName, family) switch
    {
        ("hash:net", Family.Inet) => 8,
        ("hash:net", _) => 20,
        ("hash:net,net", Family.Inet) => 16,
        ("hash:net,net", _) => 36,
        ("hash:net,port,net", Family.Inet) => 16,
        ("hash:net,port,net", _) => 40,
        _ => throw new ArgumentException($"there is no set type {typeName}", nameof(typeName)),
    };
}

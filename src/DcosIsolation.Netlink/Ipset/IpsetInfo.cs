namespace DcosIsolation.Netlink.Ipset;

/// <summary>A set as the kernel's listing describes it: its header.</summary>
/// <param name="Name">The name.</param>
/// <param name="TypeName">The kernel's name of the type, also of one that the library does not speak.</param>
/// <param name="Revision">The revision of the type that the set was created with.</param>
/// <param name="Family">The family; Unspecified for list:set.</param>
public sealed record IpsetInfo(string Name, string TypeName, byte Revision, NetfilterFamily Family)
{
    /// <summary>The kernel's index of the set, which rules refer to; null when a kernel with protocol 6 does not tell.</summary>
    public ushort? Index { get; init; }

    /// <summary>How many rules and lists refer to the set.</summary>
    public uint References { get; init; }

    /// <summary>The number of entries.</summary>
    public uint Elements { get; init; }

    /// <summary>The kernel's memory for the set, in bytes.</summary>
    public uint MemorySize { get; init; }

    /// <summary>The number of hash buckets; 0 for list:set.</summary>
    public uint HashSize { get; init; }

    /// <summary>The most entries that the set takes; 0 for list:set.</summary>
    public uint MaxElem { get; init; }

    /// <summary>The size that a list:set was created with, no limit since Linux 4.2; 0 for the hash types.</summary>
    public uint ListSize { get; init; }

    /// <summary>The type as the library's value, or null when the library does not speak it.</summary>
    public IpsetType? Type => IpsetTypeNames.Parse(TypeName);
}

/// <summary>Options of a new set.</summary>
public sealed record IpsetCreateOptions
{
    /// <summary>The number of hash buckets to start with; the kernel rounds up to a power of two, 64 at least. Null: 1024.</summary>
    public uint? HashSize { get; init; }

    /// <summary>The most entries. Null: 65,536.</summary>
    public uint? MaxElem { get; init; }

    /// <summary>The size of a list:set. Null: 8. Since Linux 4.2 it is no limit (list_set_uadd, ip_set_list_set.c).</summary>
    public uint? ListSize { get; init; }

    /// <summary>Whether entries can carry comments.</summary>
    public bool Comments { get; init; }

    /// <summary>The options for a hash set that shall hold <paramref name="count"/> entries without ever being resized.</summary>
    /// <remarks>
    /// A bucket takes at most 12 entries before the kernel doubles the table (AHASH_MAX_TUNED, ip_set_hash_gen.h): at one to two entries a
    /// bucket on average, that does not happen.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static IpsetCreateOptions ForCount(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        const uint KernelDefaultMaxElem = 65536;
        return new IpsetCreateOptions
        {
            HashSize = Math.Max(64, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count / 2)),
            MaxElem = Math.Max(KernelDefaultMaxElem, (uint)count),
        };
    }
}

using System.Net;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>The options of a set: what it is created with, and what the kernel says that it was created with. Immutable.</summary>
public sealed record IpsetCreateOptions
{
    /// <summary>
    /// The revision of the set type to ask for. Null: the lowest that has the other options, so that no kernel is asked for more than is
    /// needed.
    /// </summary>
    public byte? Revision { get; init; }

    /// <summary>
    /// The number of hash buckets to start with; the kernel rounds up to a power of two, 64 at least. Null: 1024. Read back: the number now.
    /// </summary>
    public uint? HashSize { get; init; }

    /// <summary>The most entries. Null: 65,536.</summary>
    public uint? MaxElem { get; init; }

    /// <summary>The size of a list:set. Null: 8. Since Linux 4.2 it is no limit (list_set_uadd, ip_set_list_set.c).</summary>
    public uint? ListSize { get; init; }

    /// <summary>
    /// For how many seconds an entry stays that says nothing else, 0 for ever, up to 2,147,483. Null: entries have no timeouts.
    /// </summary>
    public uint? Timeout { get; init; }

    /// <summary>Whether entries count the packets and bytes that they match.</summary>
    public bool Counters { get; init; }

    /// <summary>Whether entries can carry comments.</summary>
    public bool Comments { get; init; }

    /// <summary>Whether entries can carry a mark, a priority and a queue for the SET target.</summary>
    public bool SkbInfo { get; init; }

    /// <summary>Whether a full set lets go of a random entry to take a new one. Not for entries that must not vanish.</summary>
    public bool ForceAdd { get; init; }

    /// <summary>How many entries a hash bucket grows to before the table is resized: 2 to 12, the kernel's default.</summary>
    public byte? BucketSize { get; init; }

    /// <summary>The seed of the hash. Null: the kernel's choice, random. A known seed lets others flood one bucket.</summary>
    public uint? InitVal { get; init; }

    /// <summary>Of hash:net,net: how many leading bits of each address are stored.</summary>
    public byte? Netmask { get; init; }

    /// <summary>Of hash:net,net: the bits of each address that are stored.</summary>
    public IPAddress? Bitmask { get; init; }

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

    /// <summary>Whether the options ask for <paramref name="feature"/>.</summary>
    internal bool Uses(IpsetFeature feature) => feature switch
    {
        IpsetFeature.Timeout => Timeout is not null,
        IpsetFeature.Counters => Counters,
        IpsetFeature.Comment => Comments,
        IpsetFeature.ForceAdd => ForceAdd,
        IpsetFeature.SkbInfo => SkbInfo,
        IpsetFeature.BucketSize => BucketSize is not null,
        IpsetFeature.InitVal => InitVal is not null,
        IpsetFeature.Netmask => Netmask is not null,
        IpsetFeature.Bitmask => Bitmask is not null,
        _ => false,
    };
}

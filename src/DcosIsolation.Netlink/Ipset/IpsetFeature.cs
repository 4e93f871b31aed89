namespace DcosIsolation.Netlink.Ipset;

/// <summary>What a revision of a set type may or may not have, beyond the key of its entries.</summary>
public enum IpsetFeature
{
    /// <summary>Entries that vanish after a time.</summary>
    Timeout,

    /// <summary>Entries that make an exception of what a shorter prefix matches.</summary>
    NoMatch,

    /// <summary>Packet and byte counters.</summary>
    Counters,

    /// <summary>Comments.</summary>
    Comment,

    /// <summary>Evicting an entry from a full set instead of refusing a new one.</summary>
    ForceAdd,

    /// <summary>Marks, priorities and queues for the SET target to put on packets.</summary>
    SkbInfo,

    /// <summary>Choosing how large a hash bucket grows before the table is resized.</summary>
    BucketSize,

    /// <summary>Choosing the seed of the hash.</summary>
    InitVal,

    /// <summary>Storing only the first bits of every address.</summary>
    Netmask,

    /// <summary>Storing only the bits of every address that a mask selects.</summary>
    Bitmask,

    /// <summary>Adding a member of a list before or after another.</summary>
    Position,
}

/// <summary>Which revision of a set type brought which feature: the comments above IPSET_TYPE_REV_MAX in each ip_set_*.c.</summary>
public static class IpsetFeatures
{
    // The pair types came when hash:net had comments, and have had them from their revision 0 on.
    private static readonly IpsetFeature[][] s_hashNet =
    [
        [IpsetFeature.Timeout], [], [IpsetFeature.NoMatch], [IpsetFeature.Counters], [IpsetFeature.Comment], [IpsetFeature.ForceAdd],
        [IpsetFeature.SkbInfo], [IpsetFeature.BucketSize, IpsetFeature.InitVal],
    ];

    private static readonly IpsetFeature[][] s_hashNetPortNet =
    [
        [IpsetFeature.Timeout, IpsetFeature.NoMatch, IpsetFeature.Counters, IpsetFeature.Comment], [IpsetFeature.ForceAdd],
        [IpsetFeature.SkbInfo], [IpsetFeature.BucketSize, IpsetFeature.InitVal],
    ];

    private static readonly IpsetFeature[][] s_hashNetNet = [.. s_hashNetPortNet, [IpsetFeature.Netmask, IpsetFeature.Bitmask]];

    private static readonly IpsetFeature[][] s_listSet =
    [
        [IpsetFeature.Timeout, IpsetFeature.Position], [IpsetFeature.Counters], [IpsetFeature.Comment], [IpsetFeature.SkbInfo],
    ];

    /// <summary>The first revision of <paramref name="type"/> with <paramref name="feature"/>, or null when none has it.</summary>
    public static byte? FirstRevision(this IpsetType type, IpsetFeature feature)
    {
        int index = Array.FindIndex(Revisions(type), features => features.Contains(feature));
        return index < 0 ? null : (byte)index;
    }

    /// <summary>The newest revision of <paramref name="type"/> that the library knows.</summary>
    public static byte NewestRevision(this IpsetType type) => (byte)(Revisions(type).Length - 1);

    private static IpsetFeature[][] Revisions(IpsetType type) => type switch
    {
        IpsetType.HashNet => s_hashNet,
        IpsetType.HashNetNet => s_hashNetNet,
        IpsetType.HashNetPortNet => s_hashNetPortNet,
        IpsetType.ListSet => s_listSet,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}

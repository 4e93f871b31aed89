namespace DcosIsolation.Netlink.Ipset;

/// <summary>The set types that the library speaks.</summary>
public enum IpsetType
{
    /// <summary>hash:net: prefixes.</summary>
    HashNet,

    /// <summary>hash:net,net: pairs of prefixes.</summary>
    HashNetNet,

    /// <summary>hash:net,port,net: a prefix, a protocol with a port, and a prefix.</summary>
    HashNetPortNet,

    /// <summary>list:set: other sets.</summary>
    ListSet,
}

/// <summary>The revisions of a set type that the running kernel has.</summary>
/// <param name="Minimum">The lowest revision: IPSET_ATTR_REVISION_MIN.</param>
/// <param name="Maximum">The highest revision: IPSET_ATTR_REVISION.</param>
public readonly record struct IpsetRevisions(byte Minimum, byte Maximum);

/// <summary>The kernel's names of the set types.</summary>
public static class IpsetTypeNames
{
    /// <summary>The kernel's name of the type, such as <c>hash:net,net</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the enum.</exception>
    public static string Name(this IpsetType type) => type switch
    {
        IpsetType.HashNet => "hash:net",
        IpsetType.HashNetNet => "hash:net,net",
        IpsetType.HashNetPortNet => "hash:net,port,net",
        IpsetType.ListSet => "list:set",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The type with a kernel's name, or null for a type that the library does not speak.</summary>
    public static IpsetType? Parse(string name) => name switch
    {
        "hash:net" => IpsetType.HashNet,
        "hash:net,net" => IpsetType.HashNetNet,
        "hash:net,port,net" => IpsetType.HashNetPortNet,
        "list:set" => IpsetType.ListSet,
        _ => null,
    };
}

using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>The set types by all names that ipset has for them.</summary>
internal static class IpsetTypes
{
    /// <summary>The protocol version of the ipset program.</summary>
    public const int Protocol = 7;

    /// <summary>IPSET_ERR_FIND_TYPE.</summary>
    public const int TypeNotFound = 4098;

    // Types of the ipset program that this one does not have, by both names.
    private static readonly string[] s_others =
    [
        "bitmap:ip", "ipmap", "bitmap:ip,mac", "macipmap", "bitmap:port", "portmap", "hash:ip", "iphash", "hash:ip,mac", "ipmachash", "hash:mac", "machash", "hash:ip,mark",
        "ipmarkhash", "hash:ip,port", "ipporthash", "hash:ip,port,ip", "ipportiphash", "hash:ip,port,net", "ipportnethash", "hash:net,port",
        "netporthash", "hash:net,iface", "netifacehash",
    ];

    /// <summary>A set type by its name or its old name.</summary>
    /// <exception cref="IpsetFailure">There is no such type, or it is none of this program's.</exception>
    public static IpsetType Resolve(string name)
    {
        if (Find(name) is { } type)
        {
            return type;
        }

        throw new IpsetFailure(s_others.Contains(name)
            ? $"the set type {name} is not supported by this program; it has hash:net, hash:net,net, hash:net,port,net and list:set"
            : name.Length > IpsetName.MaxLength
                ? $"Syntax error: typename '{name}' is longer than 31 characters"
                : $"Syntax error: typename '{name}' is unknown");
    }

    /// <summary>A set type by its name or its old name; null for any other.</summary>
    public static IpsetType? Find(string name) => IpsetTypeNames.Parse(name)
        ?? Enum.GetValues<IpsetType>().Where(type => Alias(type) == name).Cast<IpsetType?>().FirstOrDefault();

    /// <summary>The old name of a type.</summary>
    public static string Alias(IpsetType type) => type switch
    {
        IpsetType.HashNet => "nethash",
        IpsetType.HashNetNet => "netnethash",
        IpsetType.HashNetPortNet => "netportnethash",
        _ => "setlist",
    };
}

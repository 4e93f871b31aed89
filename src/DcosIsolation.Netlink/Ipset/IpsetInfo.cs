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

    /// <summary>What the set was created with, as far as its type and revision say; an option without a value is null.</summary>
    public IpsetCreateOptions Options { get; init; } = new();

    /// <summary>The type as the library's value, or null when the library does not speak it.</summary>
    public IpsetType? Type => IpsetTypeNames.Parse(TypeName);
}

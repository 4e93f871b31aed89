namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// What an operator writes for an entry, such as <c>10.0.0.0-10.0.3.255,tcp:80-82,192.168.0.0/24</c>: one entry, or, with ranges, many.
/// </summary>
public readonly record struct IpsetElement
{
    /// <summary>The entry; the first of them where there are many. Options given to it with <c>with</c> are every entry's.</summary>
    public IpsetEntry Entry { get; init; }

    /// <summary>Reads the text of an element.</summary>
    /// <param name="type">The type of the set.</param>
    /// <param name="family">The family of the set; Unspecified for list:set.</param>
    /// <param name="text">The text, in UTF-8.</param>
    /// <exception cref="FormatException">The text is no element of a set of that type and family; the message says why.</exception>
    public static IpsetElement Parse(IpsetType type, NetfilterFamily family, ReadOnlySpan<byte> text) =>
        throw new FormatException($"{type} {family} {text.Length}");
}

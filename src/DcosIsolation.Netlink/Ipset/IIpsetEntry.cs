using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// An entry that can write itself: implemented by structs, so that a batch of a million costs no allocation and no indirect call.
/// </summary>
public interface IIpsetEntry
{
    /// <summary>The most bytes that <see cref="WriteTo"/> writes.</summary>
    static abstract int MaxEncodedLength { get; }

    /// <summary>Writes the attributes that stand in IPSET_ATTR_DATA.</summary>
    void WriteTo(ref NetlinkMessageWriter writer);

    /// <summary>The same entry as the library's own.</summary>
    IpsetEntry ToEntry();
}

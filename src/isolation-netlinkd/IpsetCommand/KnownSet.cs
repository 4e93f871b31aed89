using System.Text;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>What must be known of a set to read an entry for it.</summary>
internal sealed record KnownSet(string Name, IpsetType Type, NetfilterFamily Family, byte Revision)
{
    /// <summary>The name in UTF-8.</summary>
    public byte[] NameUtf8 { get; } = Encoding.UTF8.GetBytes(Name);
}

/// <summary>An entry, or many, for a set.</summary>
/// <param name="Set">The set.</param>
/// <param name="Element">The entries.</param>
/// <param name="Length">How long the line is in a message of the ipset program.</param>
internal readonly record struct SetElement(KnownSet Set, IpsetElement Element, PeerLength Length);

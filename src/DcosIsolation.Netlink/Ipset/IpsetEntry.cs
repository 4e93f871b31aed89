using System.Net;
using System.Text;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>An entry of a set of any type that the library speaks, in either family. Immutable.</summary>
public readonly record struct IpsetEntry : IIpsetEntry
{
    /// <summary>The set type that the entry belongs to.</summary>
    public IpsetType Type { get; private init; }

    /// <summary>The prefix, the first of the two in a pair. Without meaning in a list:set.</summary>
    public IpsetPrefix First { get; private init; }

    /// <summary>The second prefix of hash:net,net and hash:net,port,net.</summary>
    public IpsetPrefix Second { get; private init; }

    /// <summary>The IP protocol number of hash:net,port,net.</summary>
    public byte Protocol { get; private init; }

    /// <summary>The port of hash:net,port,net; for ICMP and ICMPv6 the type in the high byte and the code in the low one.</summary>
    public ushort Port { get; private init; }

    /// <summary>The member's name, in a list:set.</summary>
    public string? Member { get; private init; }

    /// <summary>The comment: at most 255 bytes, in a set created with comments. Null for none.</summary>
    public string? Comment { get; init; }

    /// <summary>Whether what the entry holds does not match, though a shorter prefix does (IPSET_FLAG_NOMATCH).</summary>
    public bool NoMatch { get; init; }

    /// <summary>Whether the kernel's entry had attributes that this type has no property for, such as a timeout or counters.</summary>
    public bool HasOtherAttributes { get; private init; }

    /// <inheritdoc/>
    public static int MaxEncodedLength =>
        (4 * AttributeHeader) + (2 * (AttributeHeader + 16)) + (6 * (AttributeHeader + 4))
        + AttributeHeader + IpsetConstants.IPSET_MAXNAMELEN + AttributeHeader + IpsetConstants.IPSET_MAX_COMMENT_SIZE + 1;

    private const int AttributeHeader = 4;

    /// <summary>An entry of a hash:net.</summary>
    public static IpsetEntry Net(IpsetPrefix prefix) => new() { Type = IpsetType.HashNet, First = prefix };

    /// <summary>An entry of a hash:net.</summary>
    public static IpsetEntry Net(IPNetwork network) => Net(IpsetPrefix.From(network));

    /// <summary>An entry of a hash:net,net.</summary>
    public static IpsetEntry NetNet(IpsetPrefix first, IpsetPrefix second) =>
        new() { Type = IpsetType.HashNetNet, First = first, Second = second };

    /// <summary>An entry of a hash:net,net.</summary>
    public static IpsetEntry NetNet(IPNetwork first, IPNetwork second) => NetNet(IpsetPrefix.From(first), IpsetPrefix.From(second));

    /// <summary>An entry of a hash:net,port,net.</summary>
    /// <param name="first">The first prefix.</param>
    /// <param name="protocol">The IP protocol number.</param>
    /// <param name="port">The port, or ICMP type and code as in <see cref="Port"/>; 0 for protocols without ports.</param>
    /// <param name="second">The second prefix.</param>
    public static IpsetEntry NetPortNet(IpsetPrefix first, byte protocol, ushort port, IpsetPrefix second) =>
        new() { Type = IpsetType.HashNetPortNet, First = first, Protocol = protocol, Port = port, Second = second };

    /// <summary>An entry of a hash:net,port,net.</summary>
    public static IpsetEntry NetPortNet(IPNetwork first, byte protocol, ushort port, IPNetwork second) =>
        NetPortNet(IpsetPrefix.From(first), protocol, port, IpsetPrefix.From(second));

    /// <summary>A member of a list:set.</summary>
    /// <exception cref="ArgumentException">The name is no set name.</exception>
    public static IpsetEntry Set(string member)
    {
        IpsetName.Check(member);
        return new() { Type = IpsetType.ListSet, Member = member };
    }

    /// <summary>
    /// The entry as <c>ipset save</c> prints it, without its set; only that ICMPv6 is <c>icmpv6</c>, and that ICMP types and protocols
    /// without ports are numbers, all of which <c>ipset add</c> takes.
    /// </summary>
    public override string ToString()
    {
        string key = Type switch
        {
            IpsetType.HashNet => Text(First),
            IpsetType.HashNetNet => $"{Text(First)},{Text(Second)}",
            IpsetType.HashNetPortNet => $"{Text(First)},{ServiceText},{Text(Second)}",
            _ => Member ?? "",
        };
        return key + (NoMatch ? " nomatch" : "") + (Comment is null ? "" : $" comment \"{Comment}\"");
    }

    // A host has no prefix length.
    private static string Text(IpsetPrefix prefix)
    {
        string text = prefix.ToString();
        return prefix.IsHost ? text[..text.IndexOf('/')] : text;
    }

    private string ServiceText => Protocol switch
    {
        1 => $"icmp:{Port >> 8}/{Port & 0xff}",
        6 => $"tcp:{Port}",
        17 => $"udp:{Port}",
        58 => $"icmpv6:{Port >> 8}/{Port & 0xff}",
        132 => $"sctp:{Port}",
        136 => $"udplite:{Port}",
        _ => $"{Protocol}:{Port}",
    };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The comment is too long.</exception>
    public void WriteTo(ref NetlinkMessageWriter writer)
    {
        // By attribute number, as the ipset program does.
        if (Type != IpsetType.ListSet)
        {
            WritePrefix(ref writer, IpsetAttributes.IPSET_ATTR_IP, IpsetAttributes.IPSET_ATTR_CIDR, First);
        }

        if (Type == IpsetType.HashNetPortNet)
        {
            writer.WriteUInt16BigEndian(IpsetAttributes.IPSET_ATTR_PORT, Port);
            writer.WriteByte(IpsetAttributes.IPSET_ATTR_PROTO, Protocol);
        }

        if (NoMatch)
        {
            writer.WriteUInt32BigEndian(IpsetAttributes.IPSET_ATTR_CADT_FLAGS, IpsetConstants.IPSET_FLAG_NOMATCH);
        }

        if (Type == IpsetType.ListSet)
        {
            writer.WriteString(IpsetAttributes.IPSET_ATTR_NAME, Member);
        }

        if (Type is IpsetType.HashNetNet or IpsetType.HashNetPortNet)
        {
            WritePrefix(ref writer, IpsetAttributes.IPSET_ATTR_IP2, IpsetAttributes.IPSET_ATTR_CIDR2, Second);
        }

        if (Comment is not null)
        {
            if (Encoding.UTF8.GetByteCount(Comment) > IpsetConstants.IPSET_MAX_COMMENT_SIZE)
            {
                throw new ArgumentException($"a comment has at most {IpsetConstants.IPSET_MAX_COMMENT_SIZE} bytes of UTF-8: {Comment}");
            }

            writer.WriteString(IpsetAttributes.IPSET_ATTR_COMMENT, Comment);
        }
    }

    /// <summary>Reads the attributes of one IPSET_ATTR_DATA of a dump.</summary>
    /// <exception cref="NetlinkFormatException">The bytes are no entry of a set of that type and family.</exception>
    internal static IpsetEntry Read(NetlinkAttributeReader data, IpsetType type, NetfilterFamily family)
    {
        UInt128? first = null, second = null;
        byte maxLength = (byte)(family == NetfilterFamily.Inet ? 32 : 128);

        // Kernels send the length of a host too; in a request it may be left out, and means this.
        byte firstLength = maxLength, secondLength = maxLength;
        byte protocol = 0;
        ushort port = 0;
        uint flags = 0;
        string? member = null, comment = null;
        bool other = false;
        while (data.Read())
        {
            switch (data.Type)
            {
                case IpsetAttributes.IPSET_ATTR_IP:
                    first = ReadAddress(data.GetNested(), family);
                    break;
                case IpsetAttributes.IPSET_ATTR_CIDR:
                    firstLength = data.GetByte();
                    break;
                case IpsetAttributes.IPSET_ATTR_IP2:
                    second = ReadAddress(data.GetNested(), family);
                    break;
                case IpsetAttributes.IPSET_ATTR_CIDR2:
                    secondLength = data.GetByte();
                    break;
                case IpsetAttributes.IPSET_ATTR_PORT:
                    port = data.GetUInt16BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_PROTO:
                    protocol = data.GetByte();
                    break;
                case IpsetAttributes.IPSET_ATTR_CADT_FLAGS:
                    flags = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_NAME:
                    member = data.GetString();
                    break;
                case IpsetAttributes.IPSET_ATTR_COMMENT:
                    comment = data.GetString();
                    break;
                default:
                    other = true;
                    break;
            }
        }

        bool isList = type == IpsetType.ListSet;
        bool isPair = type is IpsetType.HashNetNet or IpsetType.HashNetPortNet;
        bool isWhole = isList
            ? member is not null
            : family is NetfilterFamily.Inet or NetfilterFamily.Inet6 && first is not null && (second is not null || !isPair);
        if (firstLength > maxLength || secondLength > maxLength || !isWhole)
        {
            throw new NetlinkFormatException($"the kernel's entry is none of a {type.Name()} of family {family}");
        }

        return new IpsetEntry
        {
            Type = type,
            First = isList ? default : new IpsetPrefix(family, first ?? 0, firstLength),
            Second = isPair ? new IpsetPrefix(family, second ?? 0, secondLength) : default,
            Protocol = protocol,
            Port = port,
            Member = member,
            Comment = comment,
            NoMatch = (flags & IpsetConstants.IPSET_FLAG_NOMATCH) != 0,
            HasOtherAttributes = other || (flags & ~IpsetConstants.IPSET_FLAG_NOMATCH) != 0,
        };
    }

    private static void WritePrefix(ref NetlinkMessageWriter writer, ushort addressType, ushort lengthType, IpsetPrefix prefix)
    {
        Span<byte> address = stackalloc byte[16];
        int length = prefix.CopyAddress(address);
        NetlinkNesting nesting = writer.BeginNested(addressType);
        writer.WriteBytesBigEndian(
            prefix.Family == NetfilterFamily.Inet ? IpsetAttributes.IPSET_ATTR_IPADDR_IPV4 : IpsetAttributes.IPSET_ATTR_IPADDR_IPV6,
            address[..length]);
        writer.EndNested(nesting);
        if (!prefix.IsHost)
        {
            writer.WriteByte(lengthType, prefix.Length);
        }
    }

    private static UInt128 ReadAddress(NetlinkAttributeReader nested, NetfilterFamily family)
    {
        int length = family == NetfilterFamily.Inet ? 4 : 16;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (!nested.Read() || nested.Value.Length != length)
        {
            throw new NetlinkFormatException($"an address of family {family} has {length} bytes, {nested.Value.Length} came");
        }

        nested.Value.CopyTo(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>An entry as the attributes of one IPSET_ATTR_DATA.</summary>
internal static class IpsetEntryCodec
{
    private const int Header = 4;
    private const int Word = Header + sizeof(uint);
    private const int Long = Header + sizeof(ulong);
    private const int Address = Header + Header + 16;

    /// <summary>No entry without options is longer that is a prefix alone.</summary>
    public const int MaxPrefixLength = Address + Word;

    /// <summary>No entry is longer: two addresses, the other keys and every option.</summary>
    public const int MaxLength =
        (2 * Address) + (8 * Word) + (3 * Long) + (2 * (Header + IpsetConstants.IPSET_MAXNAMELEN))
        + Header + IpsetConstants.IPSET_MAX_COMMENT_SIZE + 1;

    /// <summary>Writes the attributes in the order of their numbers, as the ipset program does.</summary>
    public static void Write(ref NetlinkMessageWriter writer, in IpsetEntry entry)
    {
        bool isList = entry.Type == IpsetType.ListSet;
        if (!isList)
        {
            WritePrefix(ref writer, IpsetAttributes.IPSET_ATTR_IP, IpsetAttributes.IPSET_ATTR_CIDR, entry.First);
        }

        if (entry.Type == IpsetType.HashNetPortNet)
        {
            writer.WriteUInt16BigEndian(IpsetAttributes.IPSET_ATTR_PORT, entry.Port);
        }

        if (entry.Timeout is { } timeout)
        {
            writer.WriteUInt32BigEndian(IpsetAttributes.IPSET_ATTR_TIMEOUT, timeout);
        }

        if (entry.Type == IpsetType.HashNetPortNet)
        {
            writer.WriteByte(IpsetAttributes.IPSET_ATTR_PROTO, entry.Protocol);
        }

        uint flags = (entry.NoMatch ? IpsetConstants.IPSET_FLAG_NOMATCH : 0) | (entry.Before is null ? 0 : IpsetConstants.IPSET_FLAG_BEFORE);
        if (flags != 0)
        {
            writer.WriteUInt32BigEndian(IpsetAttributes.IPSET_ATTR_CADT_FLAGS, flags);
        }

        if (isList)
        {
            WriteMember(ref writer, entry);
        }

        if (entry.Type is IpsetType.HashNetNet or IpsetType.HashNetPortNet)
        {
            WritePrefix(ref writer, IpsetAttributes.IPSET_ATTR_IP2, IpsetAttributes.IPSET_ATTR_CIDR2, entry.Second);
        }

        WriteExtensions(ref writer, entry);
    }

    /// <summary>Reads an entry of a hash:net that is an address and a prefix length, in this order, and nothing else.</summary>
    /// <returns>False for any other bytes; <see cref="Read"/> says what they are.</returns>
    public static bool TryReadPrefix(ReadOnlySpan<byte> data, NetfilterFamily family, out IpsetPrefix prefix)
    {
        (int addressLength, ushort addressType) = family == NetfilterFamily.Inet
            ? (4, IpsetAttributes.IPSET_ATTR_IPADDR_IPV4)
            : (16, IpsetAttributes.IPSET_ATTR_IPADDR_IPV6);
        int lengthAt = Header + Header + addressLength;
        prefix = default;
        if (data.Length != lengthAt + Word
            || !IsHeader(data, IpsetAttributes.IPSET_ATTR_IP, lengthAt)
            || !IsHeader(data[Header..], addressType, Header + addressLength)
            || !IsHeader(data[lengthAt..], IpsetAttributes.IPSET_ATTR_CIDR, Header + 1)
            || data[lengthAt + Header] > addressLength * 8)
        {
            return false;
        }

        ReadOnlySpan<byte> address = data[(Header + Header)..];
        UInt128 bits = family == NetfilterFamily.Inet
            ? new UInt128((ulong)BinaryPrimitives.ReadUInt32BigEndian(address) << 32, 0)
            : BinaryPrimitives.ReadUInt128BigEndian(address);
        prefix = new IpsetPrefix(family, bits, data[lengthAt + Header]);
        return true;
    }

    private static bool IsHeader(ReadOnlySpan<byte> attribute, ushort type, int length)
    {
        nlattr header = MemoryMarshal.Read<nlattr>(attribute);
        return header.nla_len == length && (header.nla_type & NetlinkConstants.NLA_TYPE_MASK) == type;
    }

    /// <summary>Reads the attributes of one entry of a dump.</summary>
    /// <exception cref="NetlinkFormatException">The bytes are no entry of a set of that type and family.</exception>
    public static IpsetEntry Read(NetlinkAttributeReader data, IpsetType type, NetfilterFamily family)
    {
        UInt128? first = null, second = null;
        byte maxLength = (byte)(family == NetfilterFamily.Inet ? 32 : 128);

        // Kernels send the length of a host too; in a request it may be left out, and means this.
        byte firstLength = maxLength, secondLength = maxLength;
        byte protocol = 0;
        ushort port = 0;
        uint flags = 0;
        string? member = null, comment = null;
        uint? timeout = null, priority = null;
        ulong? packets = null, bytes = null, mark = null;
        ushort? queue = null;
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
                case IpsetAttributes.IPSET_ATTR_TIMEOUT:
                    timeout = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_BYTES:
                    bytes = data.GetUInt64BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_PACKETS:
                    packets = data.GetUInt64BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_COMMENT:
                    comment = data.GetString();
                    break;
                case IpsetAttributes.IPSET_ATTR_SKBMARK:
                    mark = data.GetUInt64BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_SKBPRIO:
                    priority = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_SKBQUEUE:
                    queue = data.GetUInt16BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_PAD:
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
            Timeout = timeout,
            Packets = packets,
            Bytes = bytes,
            Comment = comment,
            SkbMark = mark is { } both ? new IpsetSkbMark((uint)(both >> 32), (uint)both) : null,
            SkbPriority = priority,
            SkbQueue = queue,
            NoMatch = (flags & IpsetConstants.IPSET_FLAG_NOMATCH) != 0,
            HasOtherAttributes = other || (flags & ~IpsetConstants.IPSET_FLAG_NOMATCH) != 0,
        };
    }

    private static void WriteMember(ref NetlinkMessageWriter writer, in IpsetEntry entry)
    {
        writer.WriteString(IpsetAttributes.IPSET_ATTR_NAME, entry.Member);
        if ((entry.Before ?? entry.After) is { } reference)
        {
            if (entry.HasBothPositions)
            {
                throw new ArgumentException($"a member goes before or after another, not both: {entry.Member}");
            }

            IpsetName.Check(reference);
            writer.WriteString(IpsetAttributes.IPSET_ATTR_NAMEREF, reference);
        }
    }

    private static void WriteExtensions(ref NetlinkMessageWriter writer, in IpsetEntry entry)
    {
        if (entry.Bytes is { } bytes)
        {
            writer.WriteUInt64BigEndian(IpsetAttributes.IPSET_ATTR_BYTES, bytes);
        }

        if (entry.Packets is { } packets)
        {
            writer.WriteUInt64BigEndian(IpsetAttributes.IPSET_ATTR_PACKETS, packets);
        }

        if (entry.Comment is not null)
        {
            if (Encoding.UTF8.GetByteCount(entry.Comment) > IpsetConstants.IPSET_MAX_COMMENT_SIZE)
            {
                throw new ArgumentException($"a comment has at most {IpsetConstants.IPSET_MAX_COMMENT_SIZE} bytes of UTF-8: {entry.Comment}");
            }

            writer.WriteString(IpsetAttributes.IPSET_ATTR_COMMENT, entry.Comment);
        }

        if (entry.SkbMark is { } mark)
        {
            writer.WriteUInt64BigEndian(IpsetAttributes.IPSET_ATTR_SKBMARK, ((ulong)mark.Value << 32) | mark.Mask);
        }

        if (entry.SkbPriority is { } priority)
        {
            writer.WriteUInt32BigEndian(IpsetAttributes.IPSET_ATTR_SKBPRIO, priority);
        }

        if (entry.SkbQueue is { } queue)
        {
            writer.WriteUInt16BigEndian(IpsetAttributes.IPSET_ATTR_SKBQUEUE, queue);
        }
    }

    /// <summary>Writes what an entry of a hash:net is that has no options.</summary>
    public static void Write(ref NetlinkMessageWriter writer, IpsetPrefix prefix) =>
        WritePrefix(ref writer, IpsetAttributes.IPSET_ATTR_IP, IpsetAttributes.IPSET_ATTR_CIDR, prefix);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WritePrefix(ref NetlinkMessageWriter writer, ushort addressType, ushort lengthType, IpsetPrefix prefix)
    {
        WriteAddress(ref writer, addressType, prefix);
        if (!prefix.IsHost)
        {
            writer.WriteByte(lengthType, prefix.Length);
        }
    }

    /// <summary>Writes a nested address.</summary>
    internal static void WriteAddress(ref NetlinkMessageWriter writer, ushort type, IpsetPrefix prefix)
    {
        NetlinkNesting nesting = writer.BeginNested(type);
        if (prefix.Family == NetfilterFamily.Inet)
        {
            writer.WriteUInt32BigEndian(IpsetAttributes.IPSET_ATTR_IPADDR_IPV4, prefix.Ipv4);
        }
        else
        {
            Span<byte> address = stackalloc byte[16];
            writer.WriteBytesBigEndian(IpsetAttributes.IPSET_ATTR_IPADDR_IPV6, address[..prefix.CopyAddress(address)]);
        }

        writer.EndNested(nesting);
    }

    /// <summary>Reads a nested address, left-aligned.</summary>
    internal static UInt128 ReadAddress(NetlinkAttributeReader nested, NetfilterFamily family)
    {
        int length = family == NetfilterFamily.Inet ? 4 : 16;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (!nested.Read() || nested.Value.Length != length)
        {
            throw new NetlinkFormatException($"an address of family {family} has {length} bytes, {nested.Value.Length} came");
        }

        nested.Value.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}

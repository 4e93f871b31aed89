using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace DcosIsolation.Netlink.Tests.Golden;

/// <summary>
/// Renders ipset messages for a person, an attribute a line, for the messages of failed assertions. It is its own reader, so that it also
/// shows what the library's reader would refuse, and never throws: what it cannot make sense of it prints as hex.
/// </summary>
internal static class NetlinkDump
{
    private const int HeaderSize = 16;
    private const ushort Error = 2;
    private const ushort Done = 3;

    private static readonly string[] s_commands =
    [
        "NONE", "PROTOCOL", "CREATE", "DESTROY", "FLUSH", "RENAME", "SWAP", "LIST", "SAVE", "ADD", "DEL", "TEST", "HEADER", "TYPE",
        "GET_BYNAME", "GET_BYINDEX",
    ];

    // The names of attributes by number; the same number means different things at different places.
    private static readonly string[] s_commandAttributes =
    [
        "", "PROTOCOL", "SETNAME", "TYPENAME", "REVISION", "FAMILY", "FLAGS", "DATA", "ADT", "LINENO", "PROTOCOL_MIN", "INDEX",
    ];

    private static readonly string[] s_dataAttributes =
    [
        "", "IP", "IP_TO", "CIDR", "PORT", "PORT_TO", "TIMEOUT", "PROTO", "CADT_FLAGS", "LINENO", "MARK", "MARKMASK", "", "", "", "", "",
    ];

    private static readonly string[] s_createAttributes =
    [
        .. s_dataAttributes, "INITVAL", "HASHSIZE", "MAXELEM", "NETMASK", "BUCKETSIZE", "RESIZE", "SIZE", "ELEMENTS", "REFERENCES",
        "MEMSIZE",
    ];

    private static readonly string[] s_entryAttributes =
    [
        .. s_dataAttributes, "ETHER", "NAME", "NAMEREF", "IP2", "CIDR2", "IP2_TO", "IFACE", "BYTES", "PACKETS", "COMMENT", "SKBMARK",
        "SKBPRIO", "SKBQUEUE", "PAD",
    ];

    private static readonly string[] s_addressAttributes = ["", "IPADDR_IPV4", "IPADDR_IPV6"];
    private static readonly string[] s_errorAttributes = ["", "MSG", "OFFS", "COOKIE", "POLICY", "MISS_TYPE", "MISS_NEST"];
    private static readonly string[] s_textAttributes = ["SETNAME", "TYPENAME", "SETNAME2", "NAME", "NAMEREF", "COMMENT", "MSG"];

    public static string Describe(ReadOnlySpan<byte> datagram)
    {
        var text = new StringBuilder();
        while (datagram.Length >= HeaderSize)
        {
            int length = (int)Math.Clamp(BinaryPrimitives.ReadUInt32LittleEndian(datagram), 0, int.MaxValue);
            int whole = Math.Clamp(length, HeaderSize, datagram.Length);
            Message(text, datagram[..whole], length == whole ? "" : $" (says {length})");
            datagram = datagram[Math.Min(Align(whole), datagram.Length)..];
        }

        Rest(text, 0, datagram);
        return text.ToString();
    }

    private static void Message(StringBuilder text, ReadOnlySpan<byte> message, string remark)
    {
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(message[4..]);
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
        Header(text, 0, message[..HeaderSize], remark);
        ReadOnlySpan<byte> payload = message[HeaderSize..];
        if (type is Error or Done && payload.Length >= sizeof(int))
        {
            Line(text, 1, $"error {BinaryPrimitives.ReadInt32LittleEndian(payload)}");
            payload = payload[sizeof(int)..];
        }

        if (type == Error && payload.Length >= HeaderSize)
        {
            Header(text, 1, payload[..HeaderSize], "");
            int repeated = 0;
            if ((flags & 0x100) == 0)
            {
                long length = BinaryPrimitives.ReadUInt32LittleEndian(payload);
                repeated = (int)Math.Clamp(length - HeaderSize, 0, payload.Length - HeaderSize);
                Body(text, 2, payload.Slice(HeaderSize, repeated), BinaryPrimitives.ReadUInt16LittleEndian(payload[4..]));
            }

            payload = payload[Math.Min(HeaderSize + Align(repeated), payload.Length)..];
            Attributes(text, 1, payload, s_errorAttributes, "");
        }
        else if (type == Done)
        {
            Attributes(text, 1, payload, s_errorAttributes, "");
        }
        else
        {
            Body(text, 1, payload, type);
        }
    }

    private static void Header(StringBuilder text, int depth, ReadOnlySpan<byte> header, string remark)
    {
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        string name = type switch
        {
            Error => "ERROR",
            Done => "DONE",
            _ when type >> 8 == 6 && (type & 0xff) < s_commands.Length => s_commands[type & 0xff],
            _ => $"type 0x{type:x4}",
        };
        Line(text, depth, $"{name} length {BinaryPrimitives.ReadUInt32LittleEndian(header)}{remark} " +
            $"flags 0x{BinaryPrimitives.ReadUInt16LittleEndian(header[6..]):x} " +
            $"seq {BinaryPrimitives.ReadUInt32LittleEndian(header[8..])} pid {BinaryPrimitives.ReadUInt32LittleEndian(header[12..])}");
    }

    private static void Body(StringBuilder text, int depth, ReadOnlySpan<byte> body, ushort type)
    {
        if (body.Length < 4)
        {
            Rest(text, depth, body);
            return;
        }

        Line(text, depth, $"family {body[0]} version {body[1]} res_id {BinaryPrimitives.ReadUInt16BigEndian(body[2..])}");
        string command = (type & 0xff) < s_commands.Length ? s_commands[type & 0xff] : "";
        Attributes(text, depth, body[4..], s_commandAttributes, command);
    }

    private static void Attributes(StringBuilder text, int depth, ReadOnlySpan<byte> rest, string[] names, string command)
    {
        while (rest.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            ushort type = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
            if (length < 4 || length > rest.Length)
            {
                break;
            }

            int number = type & 0x3fff;
            string name = number < names.Length && names[number].Length > 0 ? names[number] : $"attribute {number}";
            name = (names == s_commandAttributes, name, command) switch
            {
                (true, "TYPENAME", "RENAME" or "SWAP") => "SETNAME2",
                (true, "PROTOCOL_MIN", "TYPE") => "REVISION_MIN",
                _ => name,
            };
            ReadOnlySpan<byte> value = rest[4..length];
            if ((type & 0x8000) != 0)
            {
                Line(text, depth, name);
                Attributes(text, depth + 1, value, Inside(name, names, command), command);
            }
            else
            {
                Line(text, depth, $"{name}{((type & 0x4000) != 0 ? " be" : "")} {Value(name, value)}");
            }

            rest = rest[Math.Min(Align(length), rest.Length)..];
        }

        Rest(text, depth, rest);
    }

    private static string[] Inside(string name, string[] names, string command) => name switch
    {
        "ADT" => ["", "", "", "", "", "", "", "ENTRY"],
        "ENTRY" => s_entryAttributes,
        "DATA" => command is "CREATE" or "LIST" or "SAVE" ? s_createAttributes : s_entryAttributes,
        "IP" or "IP_TO" or "IP2" or "IP2_TO" => s_addressAttributes,
        _ => names == s_errorAttributes ? ["", "TYPE", "MIN_S", "MAX_S", "MIN_U", "MAX_U", "MIN_LENGTH", "MAX_LENGTH"] : [],
    };

    private static string Value(string name, ReadOnlySpan<byte> value)
    {
        string hex = Convert.ToHexStringLower(value);
        if (s_textAttributes.Contains(name) && value.Length > 0 && value[^1] == 0)
        {
            return $"\"{Encoding.UTF8.GetString(value[..^1])}\"";
        }

        return (name, value.Length) switch
        {
            ("IPADDR_IPV4", 4) or ("IPADDR_IPV6", 16) => $"{hex} = {new IPAddress(value)}",
            (_, 1) => $"{hex} = {value[0]}",
            _ => hex,
        };
    }

    private static void Rest(StringBuilder text, int depth, ReadOnlySpan<byte> rest)
    {
        if (!rest.IsEmpty)
        {
            Line(text, depth, $"left over: {Convert.ToHexStringLower(rest)}");
        }
    }

    private static void Line(StringBuilder text, int depth, string line) =>
        text.Append(' ', 2 * depth).AppendLine(CultureInfo.InvariantCulture, $"{line}");

    private static int Align(int length) => (length + 3) & ~3;
}

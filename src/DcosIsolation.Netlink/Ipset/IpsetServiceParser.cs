using System.Text;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>What the middle of a hash:net,port,net says: a protocol with a port, or with ports from one to another.</summary>
/// <param name="Protocol">The IP protocol number.</param>
/// <param name="Port">The first port; for ICMP and ICMPv6 type and code.</param>
/// <param name="LastPort">The last port of a range, or null.</param>
internal readonly record struct IpsetService(byte Protocol, ushort Port, ushort? LastPort)
{
    /// <summary>Ports from one to another, in either order.</summary>
    public static IpsetService Between(byte protocol, ushort one, ushort other) =>
        new(protocol, Math.Min(one, other), Math.Max(one, other));
}

/// <summary>Reads <c>[protocol:]port[-port]</c>, each by number or by name.</summary>
internal static class IpsetServiceParser
{
    private const byte Icmp = 1;
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const byte Icmpv6 = 58;
    private const byte Sctp = 132;
    private const byte UdpLite = 136;

    /// <exception cref="FormatException">As the ipset program says it.</exception>
    public static IpsetService Parse(NetfilterFamily family, ReadOnlySpan<byte> text)
    {
        int colon = IpsetSeparators.Find(text, ':');
        if (colon < 0)
        {
            return ParsePorts(Tcp, "tcp"u8, text);
        }

        ReadOnlySpan<byte> name = text[..colon];
        ReadOnlySpan<byte> port = text[(colon + 1)..];
        byte protocol = ParseProtocol(name);
        bool isInet6 = family == NetfilterFamily.Inet6;
        switch (protocol)
        {
            case Tcp or Udp or Sctp or UdpLite:
                return ParsePorts(protocol, name, port);
            case Icmp when isInet6:
                throw new FormatException("Syntax error: Protocol ICMP can be used with family inet only");
            case Icmp:
                return new(protocol, IcmpTypes.Find(IcmpTypes.Inet, port) ?? ParseTypeAndCode(port, "ICMP"), null);
            case Icmpv6 when !isInet6:
                throw new FormatException("Syntax error: Protocol ICMPv6 can be used with family inet6 only");
            case Icmpv6:
                return new(protocol, IcmpTypes.Find(IcmpTypes.Inet6, port) ?? ParseTypeAndCode(port, "ICMPv6"), null);
            default:
                return port.SequenceEqual("0"u8)
                    ? new(protocol, 0, null)
                    : throw new FormatException(
                        $"Syntax error: Protocol {Utf8Output.Text(name)} can be used with pseudo port value 0 only.");
        }
    }

    private static byte ParseProtocol(ReadOnlySpan<byte> text)
    {
        // Spared the search in /etc/protocols.
        if (text.SequenceEqual("tcp"u8))
        {
            return Tcp;
        }

        if (text.SequenceEqual("udp"u8))
        {
            return Udp;
        }

        if (IpsetNumber.Read(text, byte.MaxValue, out ulong number) is null)
        {
            return (byte)number;
        }

        byte? named = (byte?)NetworkNames.GetProtocol(Ascii.EqualsIgnoreCase(text, "icmpv6"u8) ? "ipv6-icmp"u8 : text);
        return named switch
        {
            null => throw new FormatException($"Syntax error: cannot parse '{Utf8Output.Text(text)}' as a protocol"),
            0 => throw new FormatException($"Syntax error: Unsupported protocol '{Utf8Output.Text(text)}'"),
            { } protocol => protocol,
        };
    }

    private static IpsetService ParsePorts(byte protocol, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        int dash = IpsetSeparators.FindRange(text);
        if (dash < 0)
        {
            return new(protocol, ParsePort(name, text), null);
        }

        // When both are wrong, the last is named.
        ushort last = ParsePort(name, text[(dash + 1)..]);
        return IpsetService.Between(protocol, ParsePort(name, text[..dash]), last);
    }

    private static ushort ParsePort(ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> text)
    {
        if (IpsetNumber.Read(text, ushort.MaxValue, out ulong port) is not { } reasons)
        {
            return (ushort)port;
        }

        if (text is [(byte)'[', ..] && (text.Length == 1 || text[^1] != ']'))
        {
            reasons = IpsetSeparators.Unclosed(text);
        }
        else
        {
            ReadOnlySpan<byte> canonical = protocol;
            if (IpsetNumber.Read(protocol, byte.MaxValue, out ulong number) is { } reason)
            {
                reasons += "\n" + reason;
            }
            else
            {
                canonical = NetworkNames.GetProtocolName((byte)number);
            }

            if (!canonical.IsEmpty && NetworkNames.GetPort(IpsetSeparators.Unescape(text), canonical) is { } named)
            {
                return named;
            }
        }

        throw new FormatException($"{reasons}\ncannot parse '{Utf8Output.Text(text)}' as a {Utf8Output.Text(protocol)} port");
    }

    private static ushort ParseTypeAndCode(ReadOnlySpan<byte> text, string protocol)
    {
        int slash = IpsetSeparators.Find(text, '/');
        if (slash < 0)
        {
            throw new FormatException($"Cannot parse {Utf8Output.Text(text)} as an {protocol} type/code.");
        }

        uint type = (uint)IpsetNumber.Parse(text[..slash], byte.MaxValue);
        return (ushort)((type << 8) | (uint)IpsetNumber.Parse(text[(slash + 1)..], byte.MaxValue));
    }
}

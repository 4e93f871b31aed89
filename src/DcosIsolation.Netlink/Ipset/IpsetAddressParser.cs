namespace DcosIsolation.Netlink.Ipset;

/// <summary>Reads the addresses of elements: a host, a prefix, or with IPv4 a range; hosts by number or by name.</summary>
internal static class IpsetAddressParser
{
    /// <exception cref="FormatException">As the ipset program says it.</exception>
    public static IpsetAddressRange Parse(NetfilterFamily family, ReadOnlySpan<byte> text) =>
        family != NetfilterFamily.Inet6 && TryParseIpv4(text, out IpsetPrefix prefix) ? new(prefix, null) : ParseAny(family, text);

    /// <summary>Reads four decimal numbers, perhaps with a prefix length: what nearly every element is made of.</summary>
    internal static bool TryParseIpv4(ReadOnlySpan<byte> text, out IpsetPrefix prefix)
    {
        uint address = 0;
        uint length = 32;
        int position = 0;
        prefix = default;
        for (int octet = 0; octet < 4; octet++)
        {
            if (!TryReadNumber(text, ref position, octet < 3 ? '.' : '/', out uint number) || number > 255)
            {
                return false;
            }

            address = (address << 8) | number;
        }

        // The slash was passed.
        bool hasLength = position <= text.Length;
        if (hasLength && (!TryReadNumber(text, ref position, '\0', out length) || length > 32 || position <= text.Length))
        {
            return false;
        }

        prefix = IpsetPrefix.FromIpv4(address, (byte)length);
        return true;
    }

    // Up to three digits without leading zeros, which would make it octal, then the end or a character that is passed.
    private static bool TryReadNumber(ReadOnlySpan<byte> text, ref int position, char end, out uint number)
    {
        number = 0;
        int start = position;
        for (; (uint)position < (uint)text.Length && (uint)(text[position] - '0') <= 9; position++)
        {
            number = (number * 10) + (uint)(text[position] - '0');
        }

        int digits = position - start;
        bool ends = position == text.Length ? end != '.' : text[position] == end;
        position++;
        return ends && (digits == 1 || (digits is 2 or 3 && text[start] != '0'));
    }

    private static IpsetAddressRange ParseAny(NetfilterFamily family, ReadOnlySpan<byte> text)
    {
        bool isInet6 = family == NetfilterFamily.Inet6;
        if (isInet6 && IpsetSeparators.HasRange(text))
        {
            throw new FormatException($"Syntax error: IP address or IP/cidr must be specified: {Utf8Output.Text(text)}");
        }

        byte maxLength = (byte)(isInet6 ? 128 : 32);
        byte length = maxLength;
        ReadOnlySpan<byte> host = text, end = default;
        bool isRange = false;
        if (IpsetSeparators.Find(text, '/') is >= 0 and var slash)
        {
            host = text[..slash];
            length = ParseLength(text[(slash + 1)..], maxLength);
        }
        else if (IpsetSeparators.FindRange(text) is >= 0 and var dash)
        {
            host = text[..dash];
            end = text[(dash + 1)..];
            isRange = true;
        }

        UInt128 start = ParseHost(family, IpsetSeparators.Unescape(host));
        return isRange
            ? IpsetAddressRange.Between((uint)(start >> 96), (uint)(ParseHost(family, IpsetSeparators.Unescape(end)) >> 96))
            : new(new IpsetPrefix(isInet6 ? NetfilterFamily.Inet6 : NetfilterFamily.Inet, start, length), null);
    }

    private static byte ParseLength(ReadOnlySpan<byte> text, byte max)
    {
        ulong length = IpsetNumber.Parse(text, byte.MaxValue);
        return length <= max
            ? (byte)length
            : throw new FormatException($"Syntax error: '{Utf8Output.Text(text)}' is out of range 0-{max}");
    }

    private static UInt128 ParseHost(NetfilterFamily family, ReadOnlySpan<byte> text)
    {
        bool isInet6 = family == NetfilterFamily.Inet6;
        UInt128 bits;
        if (isInet6 ? NetworkNames.TryParseIpv6(text, out bits) : TryParseIpv4Host(text, out bits))
        {
            return bits;
        }

        return NetworkNames.TryGetHost(text, family, out bits)
            ? bits
            : throw new FormatException(
                $"Syntax error: cannot parse {Utf8Output.Text(text)}: resolving to {(isInet6 ? "IPv6" : "IPv4")} address failed");
    }

    private static bool TryParseIpv4Host(ReadOnlySpan<byte> text, out UInt128 bits)
    {
        bool isHost = TryParseIpv4(text, out IpsetPrefix prefix) && !text.Contains((byte)'/');
        bits = prefix.Bits;
        return isHost;
    }
}

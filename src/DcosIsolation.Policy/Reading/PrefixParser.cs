using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DcosIsolation.Policy;

/// <summary>
/// Reads prefixes and addresses, strictly: four decimal numbers without leading zeros, or IPv6 without a zone, then optionally a prefix
/// length. Stateless; safe to call from any thread.
/// </summary>
public static class PrefixParser
{
    /// <summary>Reads <c>address/length</c>, or an address alone, which means its /32 or /128. Allocates only for an error.</summary>
    /// <param name="text">The text, without surrounding space.</param>
    /// <param name="prefix">The prefix.</param>
    /// <param name="error">
    /// Null, or what is wrong and what to write instead: also for a prefix with host bits, and for IPv4-mapped IPv6, which no packet
    /// carries.
    /// </param>
    /// <returns>Whether the text is a prefix.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Prefix prefix, [NotNullWhen(false)] out string? error)
    {
        int slash = text.IndexOf('/');
        ReadOnlySpan<char> address = slash < 0 ? text : text[..slash];
        if (TryParseAddress(address, out Family family, out UInt128 bits))
        {
            int length = Prefix.MaxLength(family);
            if (slash < 0 || TryParseLength(text[(slash + 1)..], family, out length))
            {
                prefix = new Prefix(family, bits, length);
                if (prefix.Bits == bits && !IsMapped(prefix))
                {
                    error = null;
                    return true;
                }
            }
        }

        prefix = default;
        error = PrefixErrors.Explain(text);
        return false;
    }

    internal static bool IsMapped(Prefix prefix) =>
        prefix.Family == Family.Inet6 && prefix.Length >= 96 && (ulong)(prefix.Bits >> 32) == 0xffff && (prefix.Bits >> 96) == 0;

    internal static bool TryParseAddress(ReadOnlySpan<char> text, out Family family, out UInt128 bits)
    {
        if (text.Contains(':'))
        {
            family = Family.Inet6;
            return TryParseInet6(text, out bits);
        }

        family = Family.Inet;
        bool parsed = TryParseInet(text, out uint address);
        bits = (UInt128)address << 96;
        return parsed;
    }

    internal static bool TryParseLength(ReadOnlySpan<char> text, Family family, out int length) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length)
        && (text.Length == 1 || text[0] != '0')
        && length <= Prefix.MaxLength(family);

    private static bool TryParseInet(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        for (int octet = 0; octet < 4; octet++)
        {
            int digits = 0;
            uint value = 0;
            while (digits < text.Length && char.IsAsciiDigit(text[digits]) && digits < 3)
            {
                value = (value * 10) + text[digits++] - '0';
            }

            if (digits == 0 || value > 255 || (digits > 1 && text[0] == '0'))
            {
                return false;
            }

            address = (address << 8) | value;
            text = text[digits..];
            if (octet < 3)
            {
                if (text.IsEmpty || text[0] != '.')
                {
                    return false;
                }

                text = text[1..];
            }
        }

        return text.IsEmpty;
    }

    private static bool TryParseInet6(ReadOnlySpan<char> text, out UInt128 bits)
    {
        Span<ushort> groups = stackalloc ushort[8];
        int count = 0;
        int gap = -1;
        bits = 0;
        if (text.StartsWith("::"))
        {
            gap = 0;
            text = text[2..];
        }

        while (!text.IsEmpty)
        {
            int digits = 0;
            int value = 0;
            while (digits < text.Length && digits < 4 && char.IsAsciiHexDigit(text[digits]))
            {
                value = (value << 4) | HexValue(text[digits++]);
            }

            if (digits < text.Length && text[digits] == '.')
            {
                if (count > 6 || !TryParseInet(text, out uint tail))
                {
                    return false;
                }

                groups[count++] = (ushort)(tail >> 16);
                groups[count++] = (ushort)tail;
                break;
            }

            if (digits == 0 || count == 8)
            {
                return false;
            }

            groups[count++] = (ushort)value;
            text = text[digits..];
            if (text.IsEmpty)
            {
                break;
            }

            if (text.StartsWith("::") && gap < 0)
            {
                gap = count;
                text = text[2..];
            }
            else if (text[0] == ':' && text.Length > 1)
            {
                text = text[1..];
            }
            else
            {
                return false;
            }
        }

        if (gap < 0 ? count != 8 : count == 8)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            int position = gap >= 0 && i >= gap ? i + 8 - count : i;
            bits |= (UInt128)groups[i] << (112 - (16 * position));
        }

        return true;
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

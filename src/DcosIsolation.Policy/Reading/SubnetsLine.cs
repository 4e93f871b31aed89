using System.Runtime.CompilerServices;

namespace DcosIsolation.Policy;

/// <summary>Reads the commonest line of a subnets file, an IPv4 prefix or address and nothing else, from its bytes. Stateless.</summary>
internal static class SubnetsLine
{
    // Longer than an address and a prefix length, so that only the last lines of a text come near its end.
    private const int MaxLength = 20;

    /// <summary>Reads a line that holds an IPv4 prefix of length 1 or more, without host bits, and blanks.</summary>
    /// <param name="text">The text from the line's start on.</param>
    /// <param name="address">The address.</param>
    /// <param name="length">The prefix length.</param>
    /// <param name="consumed">The line's length, with its end.</param>
    /// <returns>False for any other line, right or wrong.</returns>
    public static bool TryReadInet(ReadOnlySpan<byte> text, out uint address, out int length, out int consumed)
    {
        int at = SkipBlanks(text, 0);
        (address, length, consumed) = (0, 32, 0);
        if (text.Length - at < MaxLength
            || !TryReadNumber(text, 255, ref at, out uint first) || text[at++] != '.'
            || !TryReadNumber(text, 255, ref at, out uint second) || text[at++] != '.'
            || !TryReadNumber(text, 255, ref at, out uint third) || text[at++] != '.'
            || !TryReadNumber(text, 255, ref at, out uint fourth))
        {
            return false;
        }

        address = (first << 24) | (second << 16) | (third << 8) | fourth;
        if (text[at] == '/')
        {
            at++;
            if (!TryReadNumber(text, 32, ref at, out uint value) || value == 0 || (value < 32 && address << (int)value != 0))
            {
                return false;
            }

            length = (int)value;
        }

        at = SkipBlanks(text, at);
        if (at < text.Length && text[at++] != '\n')
        {
            return false;
        }

        consumed = at;
        return true;
    }

    private static int SkipBlanks(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\r')
        {
            at++;
        }

        return at;
    }

    /// <summary>Reads a number of at most three digits, without leading zeros; the text does not end within three bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadNumber(ReadOnlySpan<byte> text, uint max, ref int at, out uint value)
    {
        value = (uint)(text[at] - '0');
        if (value > 9)
        {
            return false;
        }

        bool isZero = value == 0;
        uint digit = (uint)(text[++at] - '0');
        if (digit > 9)
        {
            return true;
        }

        value = (value * 10) + digit;
        digit = (uint)(text[++at] - '0');
        if (digit <= 9)
        {
            value = (value * 10) + digit;
            at++;
        }

        return value <= max && !isZero;
    }
}

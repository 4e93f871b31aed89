namespace DcosIsolation.Policy;

/// <summary>Reads the commonest line of a subnets file, an IPv4 prefix or address and nothing else, from its bytes. Stateless.</summary>
internal static class SubnetsLine
{
    /// <summary>Reads a line that holds an IPv4 prefix of length 1 or more, without host bits, and blanks.</summary>
    /// <param name="text">The text from the line's start on.</param>
    /// <param name="address">The address.</param>
    /// <param name="length">The prefix length.</param>
    /// <param name="consumed">The line's length, with its end.</param>
    /// <returns>False for any other line, right or wrong.</returns>
    public static bool TryReadInet(ReadOnlySpan<byte> text, out uint address, out int length, out int consumed)
    {
        int at = SkipBlanks(text, 0);
        address = 0;
        length = 32;
        for (int octet = 0; octet < 4; octet++)
        {
            if (!TryReadNumber(text, 255, ref at, out uint value) || (octet < 3 && (at == text.Length || text[at++] != '.')))
            {
                consumed = 0;
                return false;
            }

            address = (address << 8) | value;
        }

        consumed = 0;
        if (at < text.Length && text[at] == '/')
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

    /// <summary>Reads a number without leading zeros.</summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> text, uint max, ref int at, out uint value)
    {
        int start = at;
        value = 0;
        while (at < text.Length && at - start < 3 && (uint)(text[at] - '0') is <= 9 and var digit)
        {
            value = (value * 10) + digit;
            at++;
        }

        return at > start && value <= max && (at == start + 1 || text[start] != '0');
    }
}

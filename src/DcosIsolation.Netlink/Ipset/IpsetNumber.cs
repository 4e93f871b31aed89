namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Numbers as the ipset command line takes them, which is how C's strtoull reads them with base 0: decimal, 0x… or 0…, after white space
/// and a sign.
/// </summary>
public static class IpsetNumber
{
    /// <summary>Reads a number; what is wrong with it, as the ipset program says it, or null.</summary>
    internal static string? Read(ReadOnlySpan<byte> text, ulong max, out ulong number)
    {
        number = 0;
        (ulong value, bool isWhole, bool overflows) = Scan(text);
        if (overflows || (isWhole && value > max))
        {
            return $"Syntax error: '{Utf8Output.Text(text)}' is out of range 0-{max}";
        }

        number = value;
        return isWhole ? null : $"Syntax error: '{Utf8Output.Text(text)}' is invalid as number";
    }

    /// <summary>Reads a number.</summary>
    /// <param name="text">The text, in UTF-8.</param>
    /// <param name="max">The largest that is accepted.</param>
    /// <exception cref="FormatException">It is none, or larger than <paramref name="max"/>.</exception>
    public static ulong Parse(ReadOnlySpan<byte> text, ulong max) =>
        Read(text, max, out ulong number) is { } error ? throw new FormatException(error) : number;

    private static (ulong Value, bool IsWhole, bool Overflows) Scan(ReadOnlySpan<byte> text)
    {
        while (text is [(byte)' ' or (>= (byte)'\t' and <= (byte)'\r'), ..])
        {
            text = text[1..];
        }

        bool isNegative = text is [(byte)'-', ..];
        if (text is [(byte)'-' or (byte)'+', ..])
        {
            text = text[1..];
        }

        uint radix = 10;
        if (text is [(byte)'0', (byte)'x' or (byte)'X', var first, ..] && Digit(first) < 16)
        {
            text = text[2..];
            radix = 16;
        }
        else if (text is [(byte)'0', ..])
        {
            radix = 8;
        }

        ulong value = 0;
        bool overflows = false;
        int i = 0;
        for (; i < text.Length && Digit(text[i]) is var digit && digit < radix; i++)
        {
            ulong high = Math.BigMul(value, radix, out value);
            value += digit;
            overflows |= high != 0 || value < digit;
        }

        return (isNegative ? unchecked(0 - value) : value, i > 0 && i == text.Length, overflows);
    }

    private static uint Digit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => (uint)(character - '0'),
        >= (byte)'a' and <= (byte)'f' => (uint)(character - 'a' + 10),
        >= (byte)'A' and <= (byte)'F' => (uint)(character - 'A' + 10),
        _ => uint.MaxValue,
    };
}

using System.Text;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>Numbers as the C library reads them: decimal, octal behind 0, hexadecimal behind 0x.</summary>
internal static class Numbers
{
    public static uint Parse32(ReadOnlySpan<byte> text, uint maximum = uint.MaxValue) => (uint)Parse(text, maximum);

    public static ulong Parse(ReadOnlySpan<byte> text, ulong maximum)
    {
        if (!TryParse(text, out ulong value, out bool overflow))
        {
            throw new IpsetFailure(overflow
                ? $"Syntax error: '{Show(text)}' is out of range 0-{maximum}"
                : $"Syntax error: '{Show(text)}' is invalid as number");
        }

        return value <= maximum ? value : throw new IpsetFailure($"Syntax error: '{Show(text)}' is out of range 0-{maximum}");
    }

    /// <summary>Hexadecimal digits at the start of a text, and how many they are.</summary>
    public static int ParseHex(ReadOnlySpan<byte> text, out uint value)
    {
        ulong wide = 0;
        int length = 0;
        for (; length < text.Length && HexDigit(text[length]) is var digit and < 16; length++)
        {
            wide = (wide << 4) | digit;
        }

        value = (uint)wide;
        return length;
    }

    public static string Show(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    private static bool TryParse(ReadOnlySpan<byte> text, out ulong value, out bool overflow)
    {
        (value, overflow) = (0, false);
        ReadOnlySpan<byte> digits = text;
        uint radix = 10;
        if (text.Length > 2 && text[0] == (byte)'0' && (text[1] | 0x20) == 'x')
        {
            digits = text[2..];
            radix = 16;
        }
        else if (text.Length > 1 && text[0] == (byte)'0')
        {
            digits = text[1..];
            radix = 8;
        }

        foreach (byte character in digits)
        {
            uint digit = HexDigit(character);
            if (digit >= radix)
            {
                overflow = false;
                return false;
            }

            if (value > (ulong.MaxValue - digit) / radix)
            {
                overflow = true;
            }

            value = unchecked((value * radix) + digit);
        }

        return digits.Length > 0 && !overflow;
    }

    private static uint HexDigit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => (uint)character - '0',
        >= (byte)'a' and <= (byte)'f' => (uint)character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => (uint)character - 'A' + 10,
        _ => uint.MaxValue,
    };
}

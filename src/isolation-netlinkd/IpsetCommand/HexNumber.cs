namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>Hexadecimal numbers as sscanf reads them, whatever follows.</summary>
internal static class HexNumber
{
    /// <summary>Hexadecimal digits at the start of a text, and how many they are.</summary>
    public static int Parse(ReadOnlySpan<byte> text, out uint value)
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

    private static uint HexDigit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => (uint)character - '0',
        >= (byte)'a' and <= (byte)'f' => (uint)character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => (uint)character - 'A' + 10,
        _ => uint.MaxValue,
    };
}

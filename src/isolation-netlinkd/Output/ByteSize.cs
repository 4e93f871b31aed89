using System.Globalization;

namespace DcosIsolation.Daemon.Output;

/// <summary>Sizes of memory as people write them: a number of bytes, or one with K, M, G (powers of 1,024).</summary>
internal static class ByteSize
{
    private const string Units = "KMG";

    /// <summary><c>512 bytes</c>, <c>1.5 KiB</c>, <c>30.2 MiB</c>.</summary>
    public static string Text(long bytes)
    {
        double size = bytes;
        int unit = -1;
        while (size >= 1024 && unit < Units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return unit < 0 ? $"{bytes} bytes" : string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {Units[unit]}iB");
    }

    /// <summary>Reads <c>1000000</c>, <c>512K</c>, <c>64M</c>, <c>64MiB</c>, <c>2G</c>; null when it is none of these.</summary>
    public static long? Parse(string text)
    {
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        string number = digits < 0 ? text : text[..digits];
        string unit = digits < 0 ? "" : text[digits..].Trim().ToUpperInvariant();
        int power = unit.Length == 0 ? 0 : Units.IndexOf(unit[0], StringComparison.Ordinal) + 1;
        bool isUnit = unit.Length == 0 || (power > 0 && unit[1..] is "" or "B" or "IB");
        return isUnit
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            && value <= long.MaxValue >> (10 * power)
                ? value << (10 * power)
                : null;
    }
}

using System.Buffers.Text;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>Counters as a restore has them: <c>[packets:bytes]</c>.</summary>
internal static class CounterPrefix
{
    /// <summary>Reads the counters that a text begins with.</summary>
    /// <param name="text">The text; afterwards what follows them.</param>
    /// <param name="counters">The counters.</param>
    /// <returns>Whether it begins with counters.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> text, out XtablesCounters counters)
    {
        counters = default;
        if (text.IsEmpty || text[0] != '[')
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[1..];
        if (!TryReadNumber(ref rest, (byte)':', out ulong packets) || !TryReadNumber(ref rest, (byte)']', out ulong bytes))
        {
            return false;
        }

        counters = new(packets, bytes);
        text = rest;
        return true;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> text, byte end, out ulong number)
    {
        if (!Utf8Parser.TryParse(text, out number, out int length) || length == text.Length || text[length] != end)
        {
            return false;
        }

        text = text[(length + 1)..];
        return true;
    }
}

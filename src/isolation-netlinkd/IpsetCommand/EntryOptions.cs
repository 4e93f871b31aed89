using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>An entry's options in the order in which the ipset program prints them.</summary>
internal static class EntryOptions
{
    /// <summary>Names and values; an option without a value has null.</summary>
    public static IEnumerable<(string Name, string? Value)> Of(IpsetEntry entry)
    {
        if (entry.Timeout is { } timeout)
        {
            yield return ("timeout", $"{timeout}");
        }

        if (entry.NoMatch)
        {
            yield return ("nomatch", null);
        }

        if (entry.Packets is { } packets)
        {
            yield return ("packets", $"{packets}");
        }

        if (entry.Bytes is { } bytes)
        {
            yield return ("bytes", $"{bytes}");
        }

        if (entry.Comment is { } comment)
        {
            yield return ("comment", $"\"{comment}\"");
        }

        if (entry.SkbMark is { } mark)
        {
            yield return ("skbmark", mark.Mask == uint.MaxValue ? $"0x{mark.Value:x}" : $"0x{mark.Value:x}/0x{mark.Mask:x}");
        }

        if (entry.SkbPriority is { } priority)
        {
            yield return ("skbprio", $"{priority >> 16:x}:{priority & 0xffff:x}");
        }

        if (entry.SkbQueue is { } queue)
        {
            yield return ("skbqueue", $"{queue}");
        }
    }
}

using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>The hash table of a new set whose entries are known to follow.</summary>
internal static class TableSize
{
    /// <summary>Smaller sets grow in no time, and then have the size that ipset's have.</summary>
    private const int Worthwhile = 16 * 1024;

    /// <summary>
    /// The options with a table for <paramref name="count"/> entries: about the size that it would grow to, without the growing, which takes
    /// half of the time of a restore.
    /// </summary>
    public static IpsetCreateOptions For(int count, IpsetCreateOptions options)
    {
        const uint KernelDefaultMaxElem = 65536;
        int stored = (int)Math.Min((uint)count, options.MaxElem ?? KernelDefaultMaxElem);
        return stored < Worthwhile ? options : options with { HashSize = IpsetCreateOptions.ForCount(stored).HashSize };
    }
}

using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>Entries as text.</summary>
/// <param name="resolve">Whether addresses are replaced by names.</param>
internal sealed class EntryText(bool resolve)
{
    /// <summary>The most bytes of an entry, in any form.</summary>
    public const int MaxLength = 16 * 1024;

    private readonly byte[] _options = new byte[IpsetEntry.MaxTextLength];

    /// <summary>What the entry is about, such as <c>10.0.0.0/8,tcp:80,10.0.0.1</c>.</summary>
    public int FormatKey(in IpsetEntry entry, Span<byte> text)
    {
        entry.TryFormatKey(text, out int length);
        return resolve && entry.Member is null ? HostNames.Resolve(entry, text, length) : length;
    }

    /// <summary>The same with its options, as it stands in a line of <c>ipset save</c>.</summary>
    public int Format(in IpsetEntry entry, Span<byte> text)
    {
        if (!resolve)
        {
            entry.TryFormat(text, out int length);
            return length;
        }

        // What follows the key is the same behind the names.
        entry.TryFormatKey(text, out int keyLength);
        entry.TryFormat(_options, out int wholeLength);
        int resolved = FormatKey(entry, text);
        _options.AsSpan(keyLength..wholeLength).CopyTo(text[resolved..]);
        return resolved + wholeLength - keyLength;
    }
}

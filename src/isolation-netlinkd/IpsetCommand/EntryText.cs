using System.Text;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>Entries as text.</summary>
/// <param name="resolve">Whether addresses are replaced by names.</param>
internal sealed class EntryText(bool resolve)
{
    /// <summary>The most bytes of an entry, in any form.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>What the entry is about, such as <c>10.0.0.0/8,tcp:80,10.0.0.1</c>.</summary>
    public int FormatKey(in IpsetEntry entry, Span<byte> text)
    {
        int length = Key(entry, text);
        if (entry.Member is not null)
        {
            SafeText.Clean(text[..length]);
            return length;
        }

        return resolve ? HostNames.Resolve(entry, text, length) : length;
    }

    /// <summary>The same with its options, as it stands in a line of <c>ipset save</c>.</summary>
    public int Format(in IpsetEntry entry, Span<byte> text)
    {
        int length = FormatKey(entry, text);
        foreach ((string name, string? value) in EntryOptions.Of(entry))
        {
            length += Encoding.UTF8.GetBytes(value is null ? $" {name}" : $" {name} {value}", text[length..]);
        }

        if (entry.Comment is not null)
        {
            SafeText.Clean(text[..length]);
        }

        return length;
    }

    private static int Key(in IpsetEntry entry, Span<byte> text)
    {
        string key = entry.ToString();
        int end = entry.Type == IpsetType.ListSet ? entry.Member!.Length : key.IndexOf(' ', StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(end < 0 ? key : key[..end], text);
    }
}

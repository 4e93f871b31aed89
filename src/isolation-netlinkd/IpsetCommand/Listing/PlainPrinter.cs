using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>The form for readers.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="entries">Entries as text.</param>
/// <param name="headersOnly">Whether nothing announces members. Entries that come all the same are printed, as the program does.</param>
internal sealed class PlainPrinter(OutputBuffer output, EntryText entries, bool headersOnly) : SetPrinter(output)
{
    private bool _isFollowing;

    public override void BeginSet(IpsetInfo info)
    {
        Output.Write(_isFollowing ? "\n"u8 : ""u8);
        Output.Write($"Name: {SafeText.Name(info.Name)}\nType: {info.TypeName}\nRevision: {info.Revision}\nHeader:");
        foreach ((string name, string? value) in SetHeader.Options(info))
        {
            Output.Write(value is null ? $" {name}" : $" {name} {value}");
        }

        Output.Write($"\nSize in memory: {info.MemorySize}\nReferences: {info.References}\nNumber of entries: {info.Elements}\n");
        Output.Write(headersOnly ? ""u8 : "Members:\n"u8);
        _isFollowing = true;
    }

    public override int FormatEntry(in IpsetEntry entry, Span<byte> line)
    {
        int length = entries.Format(entry, line);
        line[length++] = (byte)'\n';
        return length;
    }
}

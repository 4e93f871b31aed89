using System.Text;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>The form for restore. What a restore could not make is there as a comment.</summary>
internal sealed class SavePrinter(OutputBuffer output, EntryText entries) : SetPrinter(output)
{
    private readonly HashSet<string> _commented = new(StringComparer.Ordinal);
    private byte[] _prefix = [];

    public override int EntryOffset => _prefix.Length;

    public override void BeginSet(IpsetInfo info)
    {
        string comment = "";
        if (info.Type is null || !IpsetName.IsValid(info.Name))
        {
            comment = "# ";
            _commented.Add(info.Name);
        }

        string name = SafeText.Name(info.Name);
        _prefix = Encoding.UTF8.GetBytes($"{comment}add {name} ");
        Output.Write($"{comment}create {name} {info.TypeName}");
        foreach ((string option, string? value) in SetHeader.Options(info))
        {
            Output.Write(value is null ? $" {option}" : $" {option} {value}");
        }

        Output.Write("\n"u8);
    }

    public override int FormatEntry(in IpsetEntry entry, Span<byte> line)
    {
        int length = 0;
        if (entry.Member is { } member && (_commented.Contains(member) || !IpsetName.IsValid(member)))
        {
            "# "u8.CopyTo(line);
            length = 2;
        }

        _prefix.CopyTo(line[length..]);
        length += _prefix.Length;
        length += entries.Format(entry, line[length..]);
        line[length++] = (byte)'\n';
        return length;
    }
}

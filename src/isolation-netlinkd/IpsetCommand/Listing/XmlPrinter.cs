using System.Security;
using System.Text.Unicode;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>The form for programs. Comments stand in it as they are, which is the program's way.</summary>
internal sealed class XmlPrinter(OutputBuffer output, EntryText entries, bool headersOnly) : SetPrinter(output)
{
    public override int EntryOffset => "<member><elem>"u8.Length;

    /// <summary>A name that an attribute can hold.</summary>
    public static string Name(string name) => SecurityElement.Escape(SafeText.Name(name));

    public override void Begin() => Output.Write("<ipsets>\n"u8);

    public override void BeginSet(IpsetInfo info)
    {
        Output.Write($"<ipset name=\"{Name(info.Name)}\">\n<type>{info.TypeName}</type>\n<revision>{info.Revision}</revision>\n<header>");
        foreach ((string name, string? value) in SetHeader.Options(info))
        {
            Output.Write(value is null ? $"<{name}/>" : $"<{name}>{value}</{name}>");
        }

        Output.Write($"\n<memsize>{info.MemorySize}</memsize>\n<references>{info.References}</references>\n");
        Output.Write($"<numentries>{info.Elements}</numentries>\n</header>\n");
        Output.Write(headersOnly ? ""u8 : "<members>\n"u8);
    }

    public override int FormatEntry(in IpsetEntry entry, Span<byte> line)
    {
        "<member><elem>"u8.CopyTo(line);
        int length = EntryOffset;
        length += entries.FormatKey(entry, line[length..]);
        "</elem>"u8.CopyTo(line[length..]);
        length += "</elem>"u8.Length;
        if (entry.HasOptions || entry.Comment is not null)
        {
            length += FormatOptions(entry, line[length..]);
        }

        "</member>\n"u8.CopyTo(line[length..]);
        return length + "</member>\n"u8.Length;
    }

    public override void EndSet() => Output.Write(headersOnly ? "</ipset>\n"u8 : "</members>\n</ipset>\n"u8);

    public override void End() => Output.Write("</ipsets>\n"u8);

    private static int FormatOptions(in IpsetEntry entry, Span<byte> line)
    {
        int length = 0, written = 0;
        if (entry.Timeout is { } timeout && Utf8.TryWrite(line, $"<timeout>{timeout}</timeout>", out written))
        {
            length += written;
        }

        if (entry.NoMatch && Utf8.TryWrite(line[length..], $"<nomatch/>", out written))
        {
            length += written;
        }

        if (entry.Packets is { } packets && Utf8.TryWrite(line[length..], $"<packets>{packets}</packets>", out written))
        {
            length += written;
        }

        if (entry.Bytes is { } bytes && Utf8.TryWrite(line[length..], $"<bytes>{bytes}</bytes>", out written))
        {
            length += written;
        }

        if (entry.Comment is { } comment && Utf8.TryWrite(line[length..], $"<comment>\"{comment}\"</comment>", out written))
        {
            SafeText.Clean(line.Slice(length, written));
            length += written;
        }

        return length + FormatSkb(entry, line[length..]);
    }

    private static int FormatSkb(in IpsetEntry entry, Span<byte> line)
    {
        int length = 0, written = 0;
        if (entry.SkbMark is (uint value, uint mask)
            && (mask == uint.MaxValue
                ? Utf8.TryWrite(line, $"<skbmark>0x{value:x}</skbmark>", out written)
                : Utf8.TryWrite(line, $"<skbmark>0x{value:x}/0x{mask:x}</skbmark>", out written)))
        {
            length += written;
        }

        if (entry.SkbPriority is { } priority
            && Utf8.TryWrite(line[length..], $"<skbprio>{priority >> 16:x}:{priority & 0xffff:x}</skbprio>", out written))
        {
            length += written;
        }

        if (entry.SkbQueue is { } queue && Utf8.TryWrite(line[length..], $"<skbqueue>{queue}</skbqueue>", out written))
        {
            length += written;
        }

        return length;
    }
}

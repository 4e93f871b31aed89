using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>Names of sets only.</summary>
internal sealed class NamePrinter(OutputBuffer output, bool isXml) : SetPrinter(output)
{
    public override void Begin() => Output.Write(isXml ? "<ipsets>\n"u8 : ""u8);

    public override void BeginSet(IpsetInfo info) =>
        Output.Write(isXml ? $"<ipset name=\"{XmlPrinter.Name(info.Name)}\"/>\n" : $"{SafeText.Name(info.Name)}\n");

    public override void End() => Output.Write(isXml ? "</ipsets>\n"u8 : ""u8);
}

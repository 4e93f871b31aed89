using System.Globalization;
using System.Net;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Netlink.Tests.Ipset;

/// <summary>Reads an entry as the ipset program takes and prints it, for comparison with what the library does.</summary>
internal static class EntryText
{
    public static IpsetEntry Parse(IpsetType type, string text)
    {
        string[] words = text.Split(' ');
        string[] parts = words[0].Split(',');
        IpsetEntry entry = type switch
        {
            IpsetType.HashNet => IpsetEntry.Net(Prefix(parts[0])),
            IpsetType.HashNetNet => IpsetEntry.NetNet(Prefix(parts[0]), Prefix(parts[1])),
            IpsetType.HashNetPortNet => NetPortNet(parts),
            _ => IpsetEntry.Set(words[0]),
        };
        int comment = text.IndexOf(" comment ", StringComparison.Ordinal);
        return entry with
        {
            NoMatch = words.Contains("nomatch"),
            Comment = comment < 0 ? null : text[(comment + " comment ".Length)..].Trim('"'),
        };
    }

    private static IpsetEntry NetPortNet(string[] parts)
    {
        string[] service = parts[1].Split(':');
        (byte protocol, ushort port) = (service[0], service[1]) switch
        {
            ("tcp", var number) => ((byte)6, Number(number)),
            ("udp", var number) => ((byte)17, Number(number)),
            ("sctp", var number) => ((byte)132, Number(number)),
            ("icmp", "echo-request") => ((byte)1, (ushort)0x0800),
            ("icmpv6", "echo-request") => ((byte)58, (ushort)0x8000),
            ("gre" or "47", var number) => ((byte)47, Number(number)),
            _ => throw new FormatException(parts[1]),
        };
        return IpsetEntry.NetPortNet(Prefix(parts[0]), protocol, port, Prefix(parts[2]));
    }

    private static IpsetPrefix Prefix(string text)
    {
        string[] parts = text.Split('/');
        var address = IPAddress.Parse(parts[0]);
        return IpsetPrefix.From(address, parts.Length > 1 ? (byte)Number(parts[1]) : (byte)(address.GetAddressBytes().Length * 8));
    }

    private static ushort Number(string text) => ushort.Parse(text, CultureInfo.InvariantCulture);
}

using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>Takes the text of an element apart.</summary>
internal static class IpsetElementParser
{
    public static IpsetElement Parse(IpsetType type, NetfilterFamily family, ReadOnlySpan<byte> text)
    {
        if (type == IpsetType.ListSet)
        {
            return new(ParseMember(text));
        }

        int first = IpsetSeparators.Find(text, ',');
        if (type == IpsetType.HashNet)
        {
            return first < 0
                ? ParseNet(family, text)
                : throw new FormatException($"Syntax error: Elem separator in {Text(text)}, but settype hash:net supports none.");
        }

        if (first < 0)
        {
            throw new FormatException($"Syntax error: Second element is missing from {Text(text)}.");
        }

        ReadOnlySpan<byte> rest = text[(first + 1)..];
        int second = IpsetSeparators.Find(rest, ',');
        if (type == IpsetType.HashNetNet)
        {
            return second < 0
                ? ParseNetNet(family, text[..first], rest)
                : throw new FormatException(
                    $"Syntax error: Two elem separators in {Text(text)}, but settype hash:net,net supports one.");
        }

        if (second < 0)
        {
            throw new FormatException($"Syntax error: Third element is missing from {Text(text)}.");
        }

        ReadOnlySpan<byte> last = rest[(second + 1)..];
        return IpsetSeparators.Find(last, ',') < 0
            ? ParseNetPortNet(family, text[..first], rest[..second], last)
            : throw new FormatException(
                $"Syntax error: Three elem separators in {Text(text)}, but settype {type.Name()} supports two.");
    }

    private static IpsetElement ParseNet(NetfilterFamily family, ReadOnlySpan<byte> text)
    {
        IpsetAddressRange net = IpsetAddressParser.Parse(family, text);
        return new(IpsetEntry.Net(net.First), net.End);
    }

    private static IpsetElement ParseNetNet(NetfilterFamily family, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        IpsetAddressRange one = IpsetAddressParser.Parse(family, first);
        IpsetAddressRange other = IpsetAddressParser.Parse(family, second);
        return new(IpsetEntry.NetNet(one.First, other.First), one.End, null, other.End);
    }

    private static IpsetElement ParseNetPortNet(
        NetfilterFamily family, ReadOnlySpan<byte> first, ReadOnlySpan<byte> ports, ReadOnlySpan<byte> second)
    {
        IpsetAddressRange one = IpsetAddressParser.Parse(family, first);
        IpsetService service = IpsetServiceParser.Parse(family, ports);
        IpsetAddressRange other = IpsetAddressParser.Parse(family, second);
        return new(
            IpsetEntry.NetPortNet(one.First, service.Protocol, service.Port, other.First), one.End, service.LastPort, other.End);
    }

    // NAME, or as in old versions of the program NAME,before|after,NAME. The last name may have commas.
    private static IpsetEntry ParseMember(ReadOnlySpan<byte> text)
    {
        int first = IpsetSeparators.Find(text, ',');
        if (first < 0)
        {
            return IpsetEntry.Set(ParseName(text));
        }

        ReadOnlySpan<byte> rest = text[(first + 1)..];
        int second = IpsetSeparators.Find(rest, ',');
        bool isBefore = second >= 0 && rest[..second].SequenceEqual("before"u8);
        if (!isBefore && !(second >= 0 && rest[..second].SequenceEqual("after"u8)))
        {
            throw new FormatException("you must specify elements as setname,[before|after],setname");
        }

        IpsetEntry member = IpsetEntry.Set(ParseName(text[..first]));
        string reference = ParseName(rest[(second + 1)..]);
        return isBefore ? member with { Before = reference } : member with { After = reference };
    }

    private static string ParseName(ReadOnlySpan<byte> text)
    {
        string name = Text(text);
        return text.Length >= IpsetConstants.IPSET_MAXNAMELEN
            ? throw new FormatException($"Syntax error: setname '{name}' is longer than {IpsetName.MaxLength} characters")
            : IpsetName.IsValid(name) ? name : throw new FormatException($"Syntax error: {IpsetName.Refusal(name)}");
    }

    private static string Text(ReadOnlySpan<byte> text) => Utf8Output.Text(text);
}

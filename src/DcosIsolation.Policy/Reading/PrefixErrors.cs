using System.Buffers;
using System.Globalization;
using System.Net;
using System.Numerics;

namespace DcosIsolation.Policy;

/// <summary>Says why a text is not a prefix, and what to write instead. Slower than the parser and free to allocate.</summary>
internal static class PrefixErrors
{
    private const string Examples = "expected a prefix, like 10.0.0.0/8 or fd00::/64";

    private static readonly SearchValues<char> Separators = SearchValues.Create(" \t\r\n,;");
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> InetCharacters = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> RangeCharacters = SearchValues.Create("0123456789abcdefABCDEF.:-");

    public static string Explain(ReadOnlySpan<char> text)
    {
        string quoted = Quoted.Text(text);
        if (text.IsEmpty)
        {
            return $"nothing is written here; {Examples}";
        }

        if (text.ContainsAny(Separators))
        {
            return $"{quoted} is not one prefix; {Examples}; is a separator missing or wrong?";
        }

        int slash = text.IndexOf('/');
        ReadOnlySpan<char> address = slash < 0 ? text : text[..slash];
        if (address.Contains('-') && address.ContainsAny(".:") && address.IndexOfAnyExcept(RangeCharacters) < 0)
        {
            return $"{quoted} is a range; write the prefixes that make it up, or put it into a subnets-file";
        }

        if (address.Contains('%'))
        {
            return $"{quoted} has a zone; zones mean nothing in a policy for a cluster: write the address without '%' and what follows";
        }

        if (!PrefixParser.TryParseAddress(address, out Family family, out UInt128 bits))
        {
            return address.Contains(':') ? ExplainInet6(quoted) : ExplainInet(quoted, address.ToString());
        }

        int length = Prefix.MaxLength(family);
        if (slash >= 0 && !PrefixParser.TryParseLength(text[(slash + 1)..], family, out length))
        {
            return ExplainLength(quoted, text[(slash + 1)..].ToString(), family);
        }

        Prefix prefix = new(family, bits, length);
        Prefix alone = new(family, bits, Prefix.MaxLength(family));
        if (PrefixParser.IsMapped(alone) && length >= 96)
        {
            return $"{quoted} is IPv4 written as IPv6, which no packet carries; write {new Prefix(Family.Inet, bits << 96, length - 96)}";
        }

        return $"{quoted} has host bits set; write {prefix}, or {alone} for the one address";
    }

    private static string ExplainInet6(string quoted) =>
        $"{quoted} is not an IPv6 address; expected up to eight groups of up to four hex digits, with at most one '::', like fd00:1::/64";

    private static string ExplainInet(string quoted, string address)
    {
        if (address.AsSpan().IndexOfAnyExcept(InetCharacters) >= 0)
        {
            return $"{quoted} is not an address; {Examples}";
        }

        string[] octets = address.Split('.');
        foreach (string octet in octets)
        {
            string? wrong = octet switch
            {
                "" => "has an empty number beside a dot",
                _ when octet.Length > 1 && octet[0] == '0' =>
                    $"has a leading zero in {Quoted.Text(octet)}, which is octal to some programs: write {Canonical(octet)}",
                _ when octet.Length > 3 || int.Parse(octet, CultureInfo.InvariantCulture) > 255 => $"has a number over 255: {Quoted.Text(octet)}",
                _ => null,
            };
            if (wrong is not null)
            {
                return $"{quoted} {wrong}; expected four numbers from 0 to 255, like 192.168.0.0/16";
            }
        }

        return $"{quoted} has {octets.Length} of an IPv4 address's four numbers; write all four, like 10.1.0.0/16";
    }

    private static string ExplainLength(string quoted, string length, Family family)
    {
        int max = Prefix.MaxLength(family);
        string expected = $"expected a prefix length from 0 to {max}";
        if (length.Length == 0)
        {
            return $"{quoted} has nothing after '/'; {expected}";
        }

        if (length.Length > 1 && length.AsSpan().IndexOfAnyExcept(Digits) < 0 && length[0] == '0')
        {
            return $"{quoted} has a leading zero in its prefix length; write /{Canonical(length)}";
        }

        if (family == Family.Inet && IPAddress.TryParse(length, out IPAddress? mask) && length.Split('.').Length == 4
            && MaskLength(mask) is int bits)
        {
            return $"{quoted} has a netmask after '/'; write /{bits}";
        }

        return $"{quoted} has {Quoted.Text(length)} after '/'; {expected}";
    }

    private static string Canonical(string number) => number.TrimStart('0') is { Length: > 0 } digits ? digits : "0";

    private static int? MaskLength(IPAddress mask)
    {
        uint bits = (uint)(Prefix.From(mask, 32).Bits >> 96);
        int length = BitOperations.LeadingZeroCount(~bits);
        return length == BitOperations.PopCount(bits) ? length : null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace DcosIsolation.Policy;

/// <summary>Reads ranges of addresses, <c>first-last</c>, as the prefixes that make them up.</summary>
internal static class PrefixRange
{
    /// <summary>Reads a range and adds the fewest prefixes that hold its addresses and no others.</summary>
    /// <param name="text">The text, with a dash; blanks around the dash are passed over.</param>
    /// <param name="prefixes">Where the prefixes go.</param>
    /// <param name="error">Null, or what is wrong and what to write instead.</param>
    /// <returns>Whether the text is a range.</returns>
    public static bool TryAdd(ReadOnlySpan<char> text, PrefixBuilder prefixes, [NotNullWhen(false)] out string? error)
    {
        int dash = text.IndexOf('-');
        ReadOnlySpan<char> from = text[..dash].TrimEnd();
        ReadOnlySpan<char> to = text[(dash + 1)..].TrimStart();
        if (PrefixParser.TryParseAddress(from, out Family family, out UInt128 first)
            && PrefixParser.TryParseAddress(to, out Family lastFamily, out UInt128 last)
            && family == lastFamily && first <= last && !IsMapped(family, first, last))
        {
            AddPrefixes(family, first, last, prefixes);
            error = null;
            return true;
        }

        error = Explain(text, from, to);
        return false;
    }

    private static void AddPrefixes(Family family, UInt128 first, UInt128 last, PrefixBuilder prefixes)
    {
        int width = Prefix.MaxLength(family);
        last |= width == 128 ? UInt128.Zero : UInt128.MaxValue >> width;
        while (true)
        {
            // The shortest prefix that begins where the range does and does not go beyond its end.
            int length = 128 - (int)UInt128.TrailingZeroCount(first);
            var prefix = new Prefix(family, first, length);
            while (prefix.LastBits > last)
            {
                prefix = new Prefix(family, first, prefix.Length + 1);
            }

            prefixes.Add(prefix);
            if (prefix.LastBits == last)
            {
                return;
            }

            first = prefix.LastBits + 1;
        }
    }

    private static bool IsMapped(Family family, UInt128 first, UInt128 last) =>
        PrefixParser.IsMapped(new Prefix(family, first, Prefix.MaxLength(family)))
        && PrefixParser.IsMapped(new Prefix(family, last, Prefix.MaxLength(family)));

    private static string Explain(ReadOnlySpan<char> text, ReadOnlySpan<char> from, ReadOnlySpan<char> to)
    {
        string quoted = Quoted.Text(text);
        if (!TryParseEnd(from, out Prefix first) || !TryParseEnd(to, out Prefix last))
        {
            string wrong = PrefixErrors.Explain(TryParseEnd(from, out _) ? to : from);
            return $"{quoted} is not a range of two addresses, like 10.0.0.1-10.0.0.9: {wrong}";
        }

        if (first.Family != last.Family)
        {
            return $"{quoted} is a range from one family to the other; write a range for each";
        }

        if (text.Contains('/'))
        {
            return $"{quoted} is a range of prefixes; write addresses: {TextOf(first, first.Bits)}-{TextOf(last, last.LastBits)}";
        }

        if (first.Bits > last.Bits)
        {
            return $"{quoted} is a range that ends before it begins; write {TextOf(last, last.Bits)}-{TextOf(first, first.Bits)}";
        }

        return $"{quoted} is IPv4 written as IPv6, which no packet carries; write {InetOf(first)}-{InetOf(last)}";
    }

    /// <summary>Reads an end of a range, an address or, by mistake, a prefix, host bits or not.</summary>
    private static bool TryParseEnd(ReadOnlySpan<char> text, out Prefix prefix)
    {
        int slash = text.IndexOf('/');
        prefix = default;
        if (!PrefixParser.TryParseAddress(slash < 0 ? text : text[..slash], out Family family, out UInt128 bits))
        {
            return false;
        }

        int length = Prefix.MaxLength(family);
        if (slash >= 0 && !PrefixParser.TryParseLength(text[(slash + 1)..], family, out length))
        {
            return false;
        }

        prefix = new Prefix(family, bits, length);
        return true;
    }

    private static IPAddress TextOf(Prefix end, UInt128 bits) => new Prefix(end.Family, bits, Prefix.MaxLength(end.Family)).Address;

    private static IPAddress InetOf(Prefix mapped) => new Prefix(Family.Inet, mapped.Bits << 96, 32).Address;
}

using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Fuzz;

/// <summary>Everything in the library that reads a rule's bytes as libiptc gives them: no exception is documented.</summary>
internal static class XtablesReaders
{
    public static IReadOnlyList<Reader> All { get; } =
    [
        .. from family in (NetfilterFamily[])[NetfilterFamily.Inet, NetfilterFamily.Inet6]
           from target in (string[])["", "DROP", "elsewhere"]
           select new Reader($"a rule, {family}, '{target}'", bytes => Read(family, bytes, target)),
    ];

    private static string Read(NetfilterFamily family, ReadOnlySpan<byte> entry, string target)
    {
        Assert.NotEmpty(EntryCodec.Describe(family, entry));
        List<ushort> sets = EntryCodec.SetIndexes(family, entry);
        string[] rules = [Decode(family, entry), Decode(family, EntryCodec.Normalize(family, entry, target))];
        return $"{string.Join(", ", rules)}, {Math.Min(sets.Count, 4)} sets";
    }

    private static string Decode(NetfilterFamily family, ReadOnlySpan<byte> entry)
    {
        foreach (bool isStandard in (ReadOnlySpan<bool>)[false, true])
        {
            if (EntryCodec.TryDecode(family, entry, isStandard) is { } rule)
            {
                Assert.Equal(entry, EntryCodec.Encode(family, rule));
                return string.Join(' ', [.. rule.Matches.Select(match => match.GetType().Name), rule.Target.GetType().Name]);
            }
        }

        return EntryShape.TryParse(family, entry) is null ? "malformed" : "opaque";
    }
}

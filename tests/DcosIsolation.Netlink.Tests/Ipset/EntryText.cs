using System.Globalization;
using DcosIsolation.Netlink.Ipset;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

/// <summary>Reads what follows on the set's name in <c>ipset add</c>: the library reads the element, this the options behind it.</summary>
internal static class EntryText
{
    public static IpsetEntry Parse(IpsetType type, NetfilterFamily family, string text)
    {
        string[] words = text.Split(' ');
        IpsetElement element = IpsetElement.Parse(type, family, words[0]);
        Assert.True(element.IsSingle, text);
        return element.Entry with
        {
            NoMatch = words.Contains("nomatch"),
            Timeout = (uint?)Number("timeout"),
            Packets = Number("packets"),
            Bytes = Number("bytes"),
            Comment = Word("comment")?.Trim('"'),
            Before = Word("before"),
            After = Word("after"),
        };

        string? Word(string option) => Array.IndexOf(words, option) is > 0 and var at ? words[at + 1] : null;

        ulong? Number(string option) => Word(option) is { } word ? ulong.Parse(word, CultureInfo.InvariantCulture) : null;
    }
}

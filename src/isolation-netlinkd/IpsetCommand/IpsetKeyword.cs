using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>A word behind the type of a new set, or behind an entry.</summary>
/// <param name="Name">The word.</param>
/// <param name="HasValue">Whether a value follows.</param>
/// <param name="Feature">What the revision of the set type must have for it; null for what all have.</param>
/// <param name="Only">The type that alone has it; null for all that have the feature.</param>
internal sealed record IpsetKeyword(string Name, bool HasValue, IpsetFeature? Feature = null, IpsetType? Only = null)
{
    private static readonly IpsetKeyword[] s_hash =
    [
        new("family", true), new("-4", false), new("-6", false), new("hashsize", true), new("maxelem", true),
        new("timeout", true, IpsetFeature.Timeout), new("counters", false, IpsetFeature.Counters),
        new("comment", false, IpsetFeature.Comment), new("forceadd", false, IpsetFeature.ForceAdd),
        new("skbinfo", false, IpsetFeature.SkbInfo), new("bucketsize", true, IpsetFeature.BucketSize),
        new("initval", true, IpsetFeature.InitVal), new("bitmask", true, IpsetFeature.Bitmask), new("netmask", true, IpsetFeature.Netmask),
        new("probes", true, Only: IpsetType.HashNet), new("resize", true, Only: IpsetType.HashNet),
    ];

    private static readonly IpsetKeyword[] s_list =
    [
        new("size", true), new("timeout", true, IpsetFeature.Timeout), new("counters", false, IpsetFeature.Counters),
        new("comment", false, IpsetFeature.Comment), new("skbinfo", false, IpsetFeature.SkbInfo),
    ];

    private static readonly IpsetKeyword[] s_position =
    [
        new("before", true, IpsetFeature.Position), new("after", true, IpsetFeature.Position),
    ];

    private static readonly IpsetKeyword[] s_noMatch = [new("nomatch", false, IpsetFeature.NoMatch)];

    private static readonly IpsetKeyword[] s_entry =
    [
        new("timeout", true, IpsetFeature.Timeout), .. s_noMatch, .. s_position,
        new("packets", true, IpsetFeature.Counters), new("bytes", true, IpsetFeature.Counters), new("comment", true, IpsetFeature.Comment),
        new("skbmark", true, IpsetFeature.SkbInfo), new("skbprio", true, IpsetFeature.SkbInfo), new("skbqueue", true, IpsetFeature.SkbInfo),
    ];

    /// <summary>The words that a command knows for sets of a type, whatever their revision.</summary>
    public static IpsetKeyword[] Of(IpsetVerb verb, IpsetType type) => (verb, type) switch
    {
        (IpsetVerb.Create, IpsetType.ListSet) => s_list,
        (IpsetVerb.Create, _) => s_hash,
        (IpsetVerb.Add, _) => s_entry,
        (_, IpsetType.ListSet) => s_position,
        (IpsetVerb.Test, _) => s_noMatch,
        _ => [],
    };

    /// <summary>The first revision of the type that has the word, or null when none has.</summary>
    public byte? Since(IpsetType type) =>
        Only is not null && Only != type ? null : Feature is { } feature ? type.FirstRevision(feature) : (byte)0;

    /// <summary>Reads the words from <paramref name="start"/> on: each is a keyword, with its value if it takes one.</summary>
    /// <param name="verb">The command.</param>
    /// <param name="type">The set's type.</param>
    /// <param name="revision">The set's revision.</param>
    /// <param name="words">The line.</param>
    /// <param name="start">The first of them.</param>
    /// <param name="target">Handed to <paramref name="take"/>.</param>
    /// <param name="take">Given each keyword with its value, or itself where it has none.</param>
    /// <exception cref="IpsetFailure">A word is no keyword, needs a newer revision, or lacks its value.</exception>
    public static void Read<T>(
        IpsetVerb verb, IpsetType type, byte revision, Words words, int start, ref T target, KeywordHandler<T> take)
    {
        IpsetKeyword[] keywords = Of(verb, type);
        for (int i = start; i < words.Count; i++)
        {
            IpsetKeyword keyword = Find(keywords, words, i) is { } found && found.Since(type) is { } since
                ? since <= revision ? found : throw TooOld(words.Text(i), type, since, revision)
                : throw new IpsetFailure($"Unknown argument: `{words.Text(i)}'", IpsetFailure.Usage);
            if (keyword.HasValue && ++i == words.Count)
            {
                throw new IpsetFailure($"Missing mandatory argument of option `{keyword.Name}'", IpsetFailure.Usage);
            }

            take(keyword, words[i], ref target);
        }
    }

    private static IpsetKeyword? Find(IpsetKeyword[] keywords, Words words, int index)
    {
        ReadOnlySpan<byte> word = words[index].StartsWith("--"u8) ? words[index][2..] : words[index];
        foreach (IpsetKeyword keyword in keywords)
        {
            if (System.Text.Ascii.Equals(word, keyword.Name))
            {
                return keyword;
            }
        }

        return null;
    }

    private static IpsetFailure TooOld(string word, IpsetType type, byte since, byte revision) => new(
        $"Argument `{word}' is supported in the kernel module of the set type {type.Name()} starting from the revision {since} "
        + $"and you have installed revision {revision} only. Your kernel is behind your ipset utility.",
        IpsetFailure.Usage);
}

/// <summary>Takes a keyword and its value, or itself where it has none.</summary>
internal delegate void KeywordHandler<T>(IpsetKeyword keyword, ReadOnlySpan<byte> value, ref T target);

using System.Text;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>Reads the words behind an entry.</summary>
internal static class EntryOptionsReader
{
    /// <summary>The kernel counts in milliseconds, 31 bits.</summary>
    public const uint MaxTimeout = int.MaxValue / 1000;

    private const int MaxCommentLength = 255;

    /// <summary>Puts the options of the words from <paramref name="start"/> on into <paramref name="entry"/>.</summary>
    /// <exception cref="IpsetFailure">They are no options of the command for the type in this revision.</exception>
    public static void Read(IpsetVerb verb, byte revision, Words words, int start, ref IpsetEntry entry)
    {
        if (start < words.Count)
        {
            IpsetKeyword.Read(verb, entry.Type, revision, words, start, ref entry, Take);
        }
    }

    private static void Take(IpsetKeyword keyword, ReadOnlySpan<byte> value, ref IpsetEntry entry)
    {
        if (keyword.HasValue && IsGiven(keyword.Name, entry))
        {
            throw new IpsetFailure($"Syntax error: {keyword.Name} already specified");
        }

        entry = keyword.Name switch
        {
            "timeout" => entry with { Timeout = (uint)IpsetNumber.Parse(value, MaxTimeout) },
            "nomatch" => entry with { NoMatch = true },
            "packets" => entry with { Packets = IpsetNumber.Parse(value, ulong.MaxValue - 1) },
            "bytes" => entry with { Bytes = IpsetNumber.Parse(value, ulong.MaxValue - 1) },
            "comment" => entry with { Comment = Comment(value) },
            "skbmark" => entry with { SkbMark = Mark(value) },
            "skbprio" => entry with { SkbPriority = Priority(value) },
            "skbqueue" => entry with { SkbQueue = (ushort)IpsetNumber.Parse(value, ushort.MaxValue) },
            "before" => entry with { Before = Name(value) },
            _ => entry with { After = Name(value) },
        };
    }

    private static bool IsGiven(string keyword, in IpsetEntry entry) => keyword switch
    {
        "timeout" => entry.Timeout is not null,
        "packets" => entry.Packets is not null,
        "bytes" => entry.Bytes is not null,
        "comment" => entry.Comment is not null,
        "skbmark" => entry.SkbMark is not null,
        "skbprio" => entry.SkbPriority is not null,
        "skbqueue" => entry.SkbQueue is not null,
        _ => entry.Before is not null || entry.After is not null,
    };

    private static string Comment(ReadOnlySpan<byte> value)
    {
        if (value.Contains((byte)'"'))
        {
            throw new IpsetFailure("Syntax error: \" character is not permitted in comments");
        }

        return value.Length <= MaxCommentLength
            ? Encoding.UTF8.GetString(value)
            : throw new IpsetFailure($"Syntax error: Comment is longer than the maximum allowed {MaxCommentLength} characters");
    }

    private static string Name(ReadOnlySpan<byte> value)
    {
        IpsetSession.CheckName(value);
        return Encoding.UTF8.GetString(value);
    }

    // 0xMARK or 0xMARK/0xMASK; ipset does not look at what follows.
    private static IpsetSkbMark Mark(ReadOnlySpan<byte> value)
    {
        int length = 0;
        uint mark = 0;
        if (!value.StartsWith("0x"u8) || (length = HexNumber.Parse(value[2..], out mark)) == 0)
        {
            throw new IpsetFailure("Syntax error: Invalid skbmark format, it should be:  MARK/MASK or MARK (see manpage)");
        }

        ReadOnlySpan<byte> rest = value[(2 + length)..];
        return rest.StartsWith("/0x"u8) && HexNumber.Parse(rest[3..], out uint mask) > 0 ? new IpsetSkbMark(mark, mask) : new IpsetSkbMark(mark);
    }

    private static uint Priority(ReadOnlySpan<byte> value)
    {
        int length = HexNumber.Parse(value, out uint major);
        if (length > 0 && value[length..] is [(byte)':', .. var rest] && HexNumber.Parse(rest, out uint minor) > 0)
        {
            return (major << 16) | (minor & 0xffff);
        }

        throw new IpsetFailure("Syntax error: Invalid skbprio format, it should be:MAJOR:MINOR (see manpage)");
    }
}

using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>What a set type takes, and since which revision.</summary>
internal static class TypeHelp
{
    private static readonly (string Text, IpsetFeature? Feature, bool OfHash, bool OfList)[] s_create =
    [
        ("family inet|inet6, -4, -6", null, true, false),
        ("hashsize NUMBER", null, true, false),
        ("maxelem NUMBER", null, true, false),
        ("size NUMBER", null, false, true),
        ("timeout SECONDS", IpsetFeature.Timeout, true, true),
        ("counters", IpsetFeature.Counters, true, true),
        ("comment", IpsetFeature.Comment, true, true),
        ("forceadd", IpsetFeature.ForceAdd, true, false),
        ("skbinfo", IpsetFeature.SkbInfo, true, true),
        ("bucketsize NUMBER", IpsetFeature.BucketSize, true, false),
        ("initval NUMBER", IpsetFeature.InitVal, true, false),
        ("bitmask MASK", IpsetFeature.Bitmask, true, false),
        ("netmask LENGTH", IpsetFeature.Netmask, true, false),
    ];

    private static readonly (string Text, IpsetFeature? Feature, bool OfHash, bool OfList)[] s_add =
    [
        ("timeout SECONDS", IpsetFeature.Timeout, true, true),
        ("nomatch", IpsetFeature.NoMatch, true, false),
        ("before|after SETNAME", IpsetFeature.Position, false, true),
        ("packets NUMBER", IpsetFeature.Counters, true, true),
        ("bytes NUMBER", IpsetFeature.Counters, true, true),
        ("comment \"TEXT\"", IpsetFeature.Comment, true, true),
        ("skbmark MARK[/MASK]", IpsetFeature.SkbInfo, true, true),
        ("skbprio MAJOR:MINOR", IpsetFeature.SkbInfo, true, true),
        ("skbqueue NUMBER", IpsetFeature.SkbInfo, true, true),
    ];

    /// <summary>What sets of a type hold, in a few words.</summary>
    public static string Summary(IpsetType type) => type switch
    {
        IpsetType.HashNet => "prefixes",
        IpsetType.HashNetNet => "pairs of prefixes",
        IpsetType.HashNetPortNet => "a prefix, a protocol with a port, and a prefix",
        _ => "other sets",
    };

    /// <summary>Prints the forms of create, add, del and test.</summary>
    public static void Write(IpsetType type, TextWriter output)
    {
        bool isList = type == IpsetType.ListSet;
        string entry = Entry(type);
        WriteForm($"create SETNAME {type.Name()}", s_create, type, output);
        WriteForm($"add SETNAME {entry}", s_add, type, output);
        WriteForm($"del SETNAME {entry}", isList ? s_add : [], type, output, IpsetFeature.Position);
        WriteForm($"test SETNAME {entry}", s_add, type, output, isList ? IpsetFeature.Position : IpsetFeature.NoMatch);
        output.WriteLine();
        output.WriteLine(isList
            ? "ENTRY is the name of a set that exists and is no list:set itself."
            : "NET is ADDRESS, ADDRESS/LENGTH or FROM-TO, of the set's family; IPv6 takes no ranges. A length of 0 is not for every type.");
    }

    private static string Entry(IpsetType type) => type switch
    {
        IpsetType.HashNet => "NET",
        IpsetType.HashNetNet => "NET,NET",
        IpsetType.HashNetPortNet => "NET,PORT,NET",
        _ => "ENTRY",
    };

    private static void WriteForm(
        string form,
        (string Text, IpsetFeature? Feature, bool OfHash, bool OfList)[] options,
        IpsetType type,
        TextWriter output,
        IpsetFeature? only = null)
    {
        output.WriteLine();
        output.WriteLine(form);
        foreach ((string text, IpsetFeature? feature, bool ofHash, bool ofList) in options)
        {
            byte? revision = feature is null ? 0 : type.FirstRevision(feature.Value);
            if ((type == IpsetType.ListSet ? ofList : ofHash) && revision is not null && (only is null || only == feature))
            {
                output.WriteLine($"  [{text}]{(revision > 0 ? $"  since revision {revision}" : "")}");
            }
        }
    }
}

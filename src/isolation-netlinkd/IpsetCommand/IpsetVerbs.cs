namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>What a command takes behind its name.</summary>
internal enum VerbArguments
{
    None,
    OptionalSet,
    Two,
}

/// <summary>The spellings of the commands.</summary>
internal static class IpsetVerbs
{
    // The first that fits wins, so that c, a, d, t, l, s, r and f are what operators are used to.
    private static readonly (IpsetVerb Verb, VerbArguments Arguments, string[] Names)[] s_verbs =
    [
        (IpsetVerb.Create, VerbArguments.Two, ["create", "new", "-N"]),
        (IpsetVerb.Add, VerbArguments.Two, ["add", "-A"]),
        (IpsetVerb.Delete, VerbArguments.Two, ["del", "-D"]),
        (IpsetVerb.Test, VerbArguments.Two, ["test", "-T"]),
        (IpsetVerb.Destroy, VerbArguments.OptionalSet, ["destroy", "x", "-X"]),
        (IpsetVerb.List, VerbArguments.OptionalSet, ["list", "-L"]),
        (IpsetVerb.Save, VerbArguments.OptionalSet, ["save", "-S"]),
        (IpsetVerb.Restore, VerbArguments.None, ["restore", "-R"]),
        (IpsetVerb.Flush, VerbArguments.OptionalSet, ["flush", "-F"]),
        (IpsetVerb.Rename, VerbArguments.Two, ["rename", "e", "-E"]),
        (IpsetVerb.Swap, VerbArguments.Two, ["swap", "w", "-W"]),
        (IpsetVerb.Help, VerbArguments.OptionalSet, ["help", "-h", "-H"]),
        (IpsetVerb.Version, VerbArguments.None, ["version", "-v", "-V"]),
        (IpsetVerb.Quit, VerbArguments.None, ["quit"]),
    ];

    /// <summary>The command that a word means: any beginning of a name, with two dashes before it or without.</summary>
    public static IpsetVerb Match(ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> name = word.StartsWith("--"u8) ? word[2..] : word;
        if (name.IsEmpty || word.SequenceEqual("-"u8))
        {
            return IpsetVerb.None;
        }

        foreach ((IpsetVerb verb, _, string[] names) in s_verbs)
        {
            foreach (string candidate in names)
            {
                if (name.Length <= candidate.Length && System.Text.Ascii.Equals(name, candidate.AsSpan(0, name.Length)))
                {
                    return verb;
                }
            }
        }

        return IpsetVerb.None;
    }

    /// <summary>What the command takes.</summary>
    public static VerbArguments Arguments(this IpsetVerb verb) => s_verbs[IndexOf(verb)].Arguments;

    /// <summary>The command's first name, as messages say it.</summary>
    public static string Name(this IpsetVerb verb) => s_verbs[IndexOf(verb)].Names[0];

    // In the order of the enum, less its None.
    private static int IndexOf(IpsetVerb verb) => (int)verb - 1;
}

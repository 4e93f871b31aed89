namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>Takes the options that may stand anywhere out of a line.</summary>
internal static class SettingsReader
{
    private delegate void Setter(IpsetSettings settings, string value);

    // In the order in which ipset looks for them, which decides about the first mistake that is told.
    private static readonly (string Short, string Long, bool HasValue, Setter Set)[] s_options =
    [
        ("-o", "-output", true, (settings, value) => settings.Mode = value switch
        {
            "plain" => OutputMode.Plain,
            "xml" => OutputMode.Xml,
            "save" => OutputMode.Save,
            _ => throw new IpsetFailure($"Syntax error: unknown output mode '{value}'"),
        }),
        ("-s", "-sorted", false, (settings, _) => settings.Sorted = true),
        ("-q", "-quiet", false, (settings, _) => settings.Quiet = true),
        ("-r", "-resolve", false, (settings, _) => settings.Resolve = true),
        ("-!", "-exist", false, (settings, _) => settings.Exist = true),
        ("-n", "-name", false, (settings, _) => settings.NamesOnly = true),
        ("-t", "-terse", false, (settings, _) => settings.HeadersOnly = true),
        ("-f", "-file", true, (settings, value) => settings.File = settings.File is null
            ? value
            : throw new IpsetFailure("-file option cannot be used when full io is activated", IpsetFailure.Usage)),
    ];

    /// <summary>Takes them out of <paramref name="words"/> and into <paramref name="settings"/>.</summary>
    /// <exception cref="IpsetFailure">One lacks its value, or has a wrong one.</exception>
    public static void Take(Words words, IpsetSettings settings)
    {
        if (!AnyOption(words))
        {
            return;
        }

        foreach ((string shortName, string longName, bool hasValue, Setter set) in s_options)
        {
            for (int i = 0; i < words.Count;)
            {
                ReadOnlySpan<byte> word = words[i].StartsWith("--"u8) ? words[i][1..] : words[i];
                if (!System.Text.Ascii.Equals(word, shortName) && !System.Text.Ascii.Equals(word, longName))
                {
                    i++;
                    continue;
                }

                words.RemoveAt(i);
                string value = "";
                if (hasValue)
                {
                    if (i == words.Count)
                    {
                        throw new IpsetFailure($"Missing mandatory argument to option {shortName}", IpsetFailure.Usage);
                    }

                    value = words.Text(i);
                    words.RemoveAt(i);
                }

                set(settings, value);
            }
        }
    }

    // Most lines of a restore have none, and are done with here.
    private static bool AnyOption(Words words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            if (words[i] is [(byte)'-', ..])
            {
                return true;
            }
        }

        return false;
    }
}

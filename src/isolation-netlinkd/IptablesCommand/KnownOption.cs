namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>What an option takes.</summary>
internal enum OptionArgument
{
    None,
    Required,

    /// <summary>The next word, unless that begins with a dash or an exclamation mark.</summary>
    Optional,
}

/// <summary>An option by its letter and its long name.</summary>
internal readonly struct KnownOption(char letter, string name, OptionArgument argument = OptionArgument.None)
{
    public char Letter => letter;

    public string Name => name;

    public OptionArgument Argument => argument;
}

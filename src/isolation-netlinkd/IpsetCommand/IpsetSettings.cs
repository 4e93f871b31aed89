namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>How sets are printed.</summary>
internal enum OutputMode
{
    /// <summary>As the command does unless it is told otherwise: <see cref="Plain"/> for list, <see cref="Save"/> for save.</summary>
    Default,
    Plain,
    Save,
    Xml,
}

/// <summary>What the options that stand anywhere on a line have set. Once set they stay, also for the later lines of a restore.</summary>
internal sealed class IpsetSettings
{
    /// <summary><c>-exist</c>: what is so already is no error.</summary>
    public bool Exist { get; set; }

    /// <summary><c>-quiet</c>.</summary>
    public bool Quiet { get; set; }

    /// <summary><c>-sorted</c>: entries of hash types in order.</summary>
    public bool Sorted { get; set; }

    /// <summary><c>-resolve</c>: names instead of addresses.</summary>
    public bool Resolve { get; set; }

    /// <summary><c>-name</c>: names of sets only.</summary>
    public bool NamesOnly { get; set; }

    /// <summary><c>-terse</c>: headers only.</summary>
    public bool HeadersOnly { get; set; }

    /// <summary><c>-output</c>.</summary>
    public OutputMode Mode { get; set; }

    /// <summary><c>-file</c>: where restore reads, and list and save write; null for the standard streams.</summary>
    public string? File { get; set; }
}

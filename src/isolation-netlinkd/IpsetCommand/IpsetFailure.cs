namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>A line that could not be carried out: what the ipset program says of it, and the exit status.</summary>
/// <param name="message">The message, without the program's name and the line's number.</param>
/// <param name="exitCode">The exit status.</param>
internal sealed class IpsetFailure(string message, int exitCode = IpsetFailure.Other) : Exception(message)
{
    /// <summary>IPSET_OTHER_PROBLEM.</summary>
    public const int Other = 1;

    /// <summary>IPSET_PARAMETER_PROBLEM: the message is followed by where to find help.</summary>
    public const int Usage = 2;

    /// <summary>The exit status of ipset, which says nothing then, for a file that cannot be opened.</summary>
    public const int File = 255;

    /// <summary>The exit status.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>Whether a restore says the line's number. It does not of mistakes in the shape of a line.</summary>
    public bool IsNumbered { get; init; } = exitCode == Other;

    /// <summary>The line of a restore to blame; null for the current one.</summary>
    public uint? Line { get; init; }
}

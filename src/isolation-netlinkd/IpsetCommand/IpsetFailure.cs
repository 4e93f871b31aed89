namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>A line that could not be carried out: what the ipset program says of it, and the exit status.</summary>
internal sealed class IpsetFailure(string message, int exitCode = IpsetFailure.Other) : Exception(message)
{
    /// <summary>IPSET_OTHER_PROBLEM.</summary>
    public const int Other = 1;

    /// <summary>IPSET_PARAMETER_PROBLEM: the message is followed by where to find help.</summary>
    public const int Usage = 2;

    /// <summary>The exit status.</summary>
    public int ExitCode { get; } = exitCode;
}

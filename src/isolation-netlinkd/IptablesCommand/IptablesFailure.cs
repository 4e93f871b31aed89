namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>What ends one of the programs, and the exit status that the iptables programs have for it.</summary>
/// <param name="message">The message, without the program's name.</param>
/// <param name="exitCode">The exit status.</param>
internal sealed class IptablesFailure(string message, int exitCode) : Exception(message)
{
    /// <summary>The kernel or the system refused, or the program's own options are not understood.</summary>
    public const int Refused = 1;

    /// <summary>A line or an argument is not understood.</summary>
    public const int Invalid = 2;

    /// <summary>Somebody else holds the lock.</summary>
    public const int Locked = 4;

    /// <summary>The exit status.</summary>
    public int ExitCode => exitCode;
}

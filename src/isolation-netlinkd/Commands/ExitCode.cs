namespace DcosIsolation.Daemon.Commands;

/// <summary>The exit codes that scripts rely on.</summary>
internal static class ExitCode
{
    /// <summary>Done, or nothing to do.</summary>
    public const int Done = 0;

    /// <summary>The kernel or the system refused; what was in force stays in force.</summary>
    public const int Refused = 1;

    /// <summary>Bad usage or an invalid policy.</summary>
    public const int Invalid = 2;

    /// <summary>From <c>plan</c> only: changes are pending.</summary>
    public const int Pending = 3;
}

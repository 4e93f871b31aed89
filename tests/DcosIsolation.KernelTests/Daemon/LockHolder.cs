using DcosIsolation.Lab;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Somebody who holds a node's xtables lock for so many seconds, or until disposed of.</summary>
internal sealed class LockHolder : IDisposable
{
    private readonly RunningProgram _program;

    public LockHolder(Node node, int seconds)
    {
        _program = node.Space.Start("flock", [node.LockFile, "sh", "-c", $"echo held; exec sleep {seconds}"]);
        _program.WaitForOutput("held", RunningDaemon.Patience);
    }

    /// <summary>The process that took it.</summary>
    public int Id => _program.Id;

    public bool HasEnded => _program.HasExited;

    /// <summary>Waits until the seconds are over.</summary>
    public void Wait() => _program.WaitForExit(TimeSpan.FromMinutes(10));

    public void Dispose() => _program.Dispose();
}

using DcosIsolation.Daemon.Dataplane;
using Microsoft.Win32.SafeHandles;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Running;

/// <summary>The right to be the only daemon of a network namespace, held until the process ends.</summary>
internal sealed class DaemonLease : IDisposable
{
    /// <summary>What whoever changes the kernel beside a daemon should know.</summary>
    public const string Warning =
        "'isolation-netlinkd run' keeps this network namespace and will put its own policy back: change its policy file instead";

    private const string Name = "run";

    private readonly SafeFileHandle _name;

    private DaemonLease(SafeFileHandle name) => _name = name;

    /// <summary>Whether a daemon keeps this namespace.</summary>
    public static bool IsHeld
    {
        get
        {
            using SafeFileHandle? name = AbstractName.Take(Name, out int error);
            return name is null && error == EADDRINUSE;
        }
    }

    /// <exception cref="InvalidOperationException">Another daemon has it.</exception>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static DaemonLease Take() => AbstractName.Take(Name, out int error) is { } name
        ? new DaemonLease(name)
        : throw (error == EADDRINUSE
            ? new InvalidOperationException(
                "another 'isolation-netlinkd run' keeps this network namespace, and two would undo each other's work: "
                + "change that one's policy file, or stop it first")
            : new IOException($"cannot bind the name that makes this the namespace's only daemon: errno {error}"));

    public void Dispose() => _name.Dispose();
}

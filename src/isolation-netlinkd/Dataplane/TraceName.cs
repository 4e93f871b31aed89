using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>A running trace's name, which is free again when its process ends: see <see cref="AbstractName"/>.</summary>
internal sealed class TraceName : IDisposable
{
    private readonly SafeFileHandle _socket;

    private TraceName(string text, SafeFileHandle socket) => (Text, _socket) = (text, socket);

    /// <summary>The name: the process's id, and what makes it no other's.</summary>
    public string Text { get; }

    /// <exception cref="IOException">The kernel refused.</exception>
    public static TraceName Take()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Random.Shared.Next():x8}");
        return Bind(text, out int error) is { } socket
            ? new(text, socket)
            : throw new IOException($"cannot bind the name of a trace: errno {error}");
    }

    /// <summary>Whether a process holds the name; one that cannot be asked for is taken for held.</summary>
    public static bool IsHeld(string text)
    {
        using SafeFileHandle? socket = Bind(text, out _);
        return socket is null;
    }

    /// <summary>Gives the name up.</summary>
    public void Dispose() => _socket.Dispose();

    private static SafeFileHandle? Bind(string text, out int error) => AbstractName.Take($"trace/{text}", out error);
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>
/// A running trace's name, held as the name of an abstract Unix socket: such names are the network namespace's own, nobody else can bind
/// one that is bound, and it is free again as soon as the process ends, however it does (net/unix/af_unix.c, unix_bind_abstract).
/// </summary>
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

    private static unsafe SafeFileHandle? Bind(string text, out int error)
    {
        const int Family = sizeof(ushort);
        byte[] name = Encoding.UTF8.GetBytes($"\0dcos-isolation/trace/{text}");
        sockaddr_un address = default;
        var bytes = new Span<byte>(&address, sizeof(sockaddr_un));
        if (name.Length > bytes.Length - Family)
        {
            error = ENAMETOOLONG;
            return null;
        }

        MemoryMarshal.Write(bytes, (ushort)AF_UNIX);
        name.CopyTo(bytes[Family..]);
        var socket = new SafeFileHandle(LibC.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), ownsHandle: true);
        if (socket.IsInvalid || bind((int)socket.DangerousGetHandle(), (sockaddr*)&address, Family + name.Length) != 0)
        {
            error = errno;
            socket.Dispose();
            return null;
        }

        error = 0;
        return socket;
    }
}

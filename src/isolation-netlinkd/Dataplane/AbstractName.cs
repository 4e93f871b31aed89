using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>
/// Names that one process of a network namespace can hold: those of abstract Unix sockets. Nobody else can bind one that is bound, and it is
/// free again as soon as the process ends, however it does (net/unix/af_unix.c, unix_bind_abstract).
/// </summary>
internal static class AbstractName
{
    /// <summary>Takes a name until what is returned is disposed of.</summary>
    /// <param name="name">The name, of up to 90 bytes.</param>
    /// <param name="error">0, or the errno: EADDRINUSE when another socket has the name.</param>
    /// <returns>Null when it cannot be had.</returns>
    public static unsafe SafeFileHandle? Take(string name, out int error)
    {
        if (UnixAddress.Of($"\0dcos-isolation/{name}") is not { } address)
        {
            error = ENAMETOOLONG;
            return null;
        }

        sockaddr_un value = address.Value;
        var socket = new SafeFileHandle(LibC.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), ownsHandle: true);
        if (socket.IsInvalid || bind((int)socket.DangerousGetHandle(), (sockaddr*)&value, address.Length) != 0)
        {
            error = errno;
            socket.Dispose();
            return null;
        }

        error = 0;
        return socket;
    }
}

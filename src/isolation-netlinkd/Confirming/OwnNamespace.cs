using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Confirming;

/// <summary>Which network namespace this process is in.</summary>
internal static unsafe partial class OwnNamespace
{
    private const int SOL_SOCKET = 1;
    private const int SO_NETNS_COOKIE = 71;

    /// <summary>Device and number of the namespace: no other has them as long as it exists.</summary>
    /// <exception cref="IOException">There is no /proc.</exception>
    public static string Name
    {
        get
        {
            stat status;
            fixed (byte* path = "/proc/thread-self/ns/net\0"u8)
            {
                return stat(path, &status) == 0
                    ? $"{(ulong)status.st_dev}-{(ulong)status.st_ino}"
                    : throw new IOException($"cannot tell the network namespace: /proc/thread-self/ns/net: errno {errno}");
            }
        }
    }

    /// <summary>
    /// What no other namespace of this boot ever has, where numbers of those that are gone are given again; 0 before Linux 5.14.
    /// </summary>
    public static ulong Cookie
    {
        get
        {
            using var socket = new SafeFileHandle(LibC.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), ownsHandle: true);
            ulong cookie = 0;
            uint length = sizeof(ulong);
            return !socket.IsInvalid && getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0 ? cookie : 0;
        }
    }

    [LibraryImport("libc")]
    private static partial int getsockopt(SafeFileHandle socket, int level, int option, void* value, uint* length);
}

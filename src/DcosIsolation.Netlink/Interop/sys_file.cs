using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DcosIsolation.Netlink.Interop;

/// <summary>sys/file.h, which Tmds.LibC leaves out.</summary>
internal static partial class sys_file
{
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(SafeFileHandle fd, int operation);
}

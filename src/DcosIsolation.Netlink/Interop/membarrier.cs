using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>linux/membarrier.h. The C library has no function for it.</summary>
internal static partial class membarrier_h
{
    public const int MEMBARRIER_CMD_QUERY = 0;
    public const int MEMBARRIER_CMD_GLOBAL = 1;

    /// <summary>Returns -1 with errno ENOSYS also on processors whose number of the call is not known here.</summary>
    public static int membarrier(int cmd, int flags) => (int)syscall(
        RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 324,
            Architecture.Arm64 => 283,
            _ => -1,
        },
        cmd,
        flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second);
}

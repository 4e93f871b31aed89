using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DcosIsolation.Daemon.Running;

/// <summary>sys/inotify.h, which Tmds.LibC leaves out.</summary>
internal static partial class Inotify
{
    public const uint IN_ATTRIB = 0x4;
    public const uint IN_CLOSE_WRITE = 0x8;
    public const uint IN_MOVED_FROM = 0x40;
    public const uint IN_MOVED_TO = 0x80;
    public const uint IN_CREATE = 0x100;
    public const uint IN_DELETE = 0x200;
    public const uint IN_DELETE_SELF = 0x400;
    public const uint IN_MOVE_SELF = 0x800;
    public const uint IN_ONLYDIR = 0x0100_0000;

    public const int IN_NONBLOCK = 0x800;
    public const int IN_CLOEXEC = 0x80000;

    [LibraryImport("libc", SetLastError = true)]
    public static partial SafeFileHandle inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int inotify_add_watch(SafeFileHandle fd, string path, uint mask);
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Confirming;

/// <summary>Starts a process that outlives this one: in a session of its own, with /dev/null for its streams, and no other open file.</summary>
internal static unsafe partial class DetachedProcess
{
    private const short POSIX_SPAWN_SETSID = 0x80;

    // Larger than any C library's posix_spawnattr_t and posix_spawn_file_actions_t.
    private const int OpaqueSize = 1024;

    /// <returns>0, or the errno.</returns>
    /// <exception cref="IOException">/proc cannot be read.</exception>
    public static int Start(string program, string[] arguments)
    {
        KeepFilesToThisProcess();
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* actions = stackalloc byte[OpaqueSize];
        byte[] texts = Encoding.UTF8.GetBytes(string.Join('\0', arguments) + "\0");
        byte[] variables = File.ReadAllBytes("/proc/self/environ");
        byte*[] argv = new byte*[arguments.Length + 1];
        byte*[] envp = new byte*[variables.AsSpan().Count((byte)0) + 1];
        fixed (byte* devNull = "/dev/null\0"u8, first = texts, variable = variables)
        fixed (byte** arg = argv, env = envp)
        {
            Point(argv, first);
            Point(envp, variable);
            int error = posix_spawnattr_init(attributes);
            error = error != 0 ? error : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID);
            error = error != 0 ? error : posix_spawn_file_actions_init(actions);
            for (int stream = 0; stream <= 2 && error == 0; stream++)
            {
                error = posix_spawn_file_actions_addopen(actions, stream, devNull, O_RDWR, 0);
            }

            int pid;
            return error != 0 ? error : posix_spawn(&pid, program, actions, attributes, arg, env);
        }
    }

    /// <summary>Points all but the last at texts that lie one behind the other, each with a NUL.</summary>
    private static void Point(byte*[] pointers, byte* text)
    {
        for (int i = 0; i < pointers.Length - 1; i++)
        {
            pointers[i] = text;
            text += MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text).Length + 1;
        }
    }

    /// <summary>Files that whoever started this process left open in it.</summary>
    private static void KeepFilesToThisProcess()
    {
        const int F_SETFD = 2;
        const int FD_CLOEXEC = 1;
        foreach (string path in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            int fd = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
            if (fd > 2)
            {
                // The one with which the directory was read is closed by now.
                _ = fcntl(fd, F_SETFD, FD_CLOEXEC);
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attr);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attr, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* file_actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addopen(byte* file_actions, int fd, byte* path, int oflag, uint mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(int* pid, string path, byte* file_actions, byte* attrp, byte** argv, byte** envp);
}

using Microsoft.Win32.SafeHandles;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Running;

/// <summary>
/// Tells when files may have changed: watches the directories that hold them, and those that hold what symbolic links on the way point to,
/// since editors rename a new file over the old one and Kubernetes swaps a link to a directory. Where the kernel gives no watch (no more
/// instances, a file system without), <see cref="FileStamps"/> still tell when asked.
/// </summary>
internal sealed class FileWatch : IDisposable
{
    private const uint Events = Inotify.IN_CREATE | Inotify.IN_MOVED_TO | Inotify.IN_MOVED_FROM | Inotify.IN_DELETE | Inotify.IN_CLOSE_WRITE
        | Inotify.IN_ATTRIB | Inotify.IN_DELETE_SELF | Inotify.IN_MOVE_SELF;

    private const int MostLinks = 40;

    private FileWatch(SafeFileHandle events) => Handle = events;

    /// <summary>Readable when something happened.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Begins to watch files; null when the kernel gives no watch at all.</summary>
    public static FileWatch? Begin(IEnumerable<string> files)
    {
        SafeFileHandle handle = Inotify.inotify_init1(Inotify.IN_NONBLOCK | Inotify.IN_CLOEXEC);
        if (handle.IsInvalid)
        {
            handle.Dispose();
            return null;
        }

        bool any = false;
        foreach (string directory in DirectoriesOf(files))
        {
            any |= Inotify.inotify_add_watch(handle, directory, Events | Inotify.IN_ONLYDIR) >= 0;
        }

        var watch = new FileWatch(handle);
        if (!any)
        {
            watch.Dispose();
            return null;
        }

        return watch;
    }

    /// <summary>Forgets what has happened so far.</summary>
    public unsafe void Drain()
    {
        byte* buffer = stackalloc byte[4096];
        while (read((int)Handle.DangerousGetHandle(), buffer, 4096) > 0)
        {
        }
    }

    public void Dispose() => Handle.Dispose();

    /// <summary>Every directory in which a change of a name can make one of the paths mean another file.</summary>
    internal static HashSet<string> DirectoriesOf(IEnumerable<string> files)
    {
        var directories = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            var names = new Stack<string>(Path.GetFullPath(file).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
            string at = "/";
            for (int links = 0; names.TryPop(out string? name);)
            {
                string next = name == ".." ? Path.GetDirectoryName(at) ?? "/" : Path.Combine(at, name);
                if (names.Count == 0)
                {
                    directories.Add(at);
                }

                if (name == ".." || LinkTarget(next) is not { } target || links++ == MostLinks)
                {
                    at = next;
                    continue;
                }

                directories.Add(at);
                at = Path.IsPathRooted(target) ? "/" : at;
                foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse())
                {
                    names.Push(part);
                }
            }
        }

        return directories;
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

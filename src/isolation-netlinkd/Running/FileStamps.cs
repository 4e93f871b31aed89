using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Running;

/// <summary>What files look like from outside: as long as that is equal, so is what they hold.</summary>
internal sealed class FileStamps
{
    private readonly Dictionary<string, Stamp> _stamps = new(StringComparer.Ordinal);

    /// <summary>The files that were looked at.</summary>
    public IReadOnlyCollection<string> Files => _stamps.Keys;

    /// <summary>Looks at a file, which need not exist; whoever does so before reading it notices later changes.</summary>
    public void Add(string file) => _stamps[file] = Look(file);

    /// <summary>Whether each file is still the same.</summary>
    public bool AreCurrent() => _stamps.All(stamp => Look(stamp.Key) == stamp.Value);

    private static unsafe Stamp Look(string file)
    {
        stat status;
        fixed (byte* name = Encoding.UTF8.GetBytes(file + '\0'))
        {
            return stat(name, &status) != 0
                ? default
                : new Stamp(
                    (ulong)status.st_dev,
                    (ulong)status.st_ino,
                    (long)status.st_size,
                    Nanoseconds(status.st_mtim),
                    Nanoseconds(status.st_ctim));
        }
    }

    private static long Nanoseconds(timespec time) => ((long)time.tv_sec * 1_000_000_000) + (long)time.tv_nsec;

    private readonly record struct Stamp(ulong Device, ulong Inode, long Size, long Modified, long Changed);
}

using System.Globalization;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>How much more memory this process may make the kernel take: the least of what the machine and its cgroups leave.</summary>
/// <param name="Bytes">The bytes that are left.</param>
/// <param name="LimitBytes">The bytes that there are in all where that is.</param>
/// <param name="Where">Whose memory it is, for a sentence: <c>the machine</c> or <c>the cgroup /a/b</c>.</param>
internal sealed record FreeMemory(long Bytes, long LimitBytes, string Where)
{
    /// <summary>Asks this machine. Without /proc there is nothing to tell, and no limit.</summary>
    public static FreeMemory Now() => Read("/proc", "/sys/fs/cgroup");

    /// <summary>Reads it from files as Linux has them, of cgroup version 1, 2 or both.</summary>
    /// <param name="proc">Where the proc file system is.</param>
    /// <param name="cgroups">Where the cgroup file systems are.</param>
    internal static FreeMemory Read(string proc, string cgroups)
    {
        var least = new FreeMemory(long.MaxValue, long.MaxValue, "the machine");
        string meminfo = Path.Combine(proc, "meminfo");
        if (Value(meminfo, "MemAvailable:") is { } available)
        {
            least = new FreeMemory(available * 1024, (Value(meminfo, "MemTotal:") ?? 0) * 1024, "the machine");
        }

        foreach (string line in Lines(Path.Combine(proc, "self", "cgroup")))
        {
            // hierarchy-ID:controllers:path; version 2 has the ID 0 and no controllers.
            if (line.Split(':', 3) is [_, var controllers, var path])
            {
                if (controllers.Length == 0)
                {
                    least = Least(least, cgroups, path, "memory.max", "memory.current", "inactive_file");
                }
                else if (controllers.Split(',').Contains("memory"))
                {
                    string root = Path.Combine(cgroups, "memory");
                    least = Least(least, root, path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
                }
            }
        }

        return least;
    }

    /// <summary>
    /// A cgroup's limit holds for all below it. Clean file pages are given up before anything is refused. Inside a container the path may
    /// be that of the host, which is not mounted; then the root of the mount is the container's own.
    /// </summary>
    private static FreeMemory Least(FreeMemory least, string root, string path, string limitFile, string usageFile, string reclaimable)
    {
        for (string at = path; ; at = Path.GetDirectoryName(at) ?? "/")
        {
            string folder = Path.Join(root, at);
            if (Number(Path.Combine(folder, limitFile)) is { } limit && Number(Path.Combine(folder, usageFile)) is { } usage)
            {
                long left = limit - usage + (Value(Path.Combine(folder, "memory.stat"), reclaimable + " ") ?? 0);
                if (left < least.Bytes)
                {
                    least = new FreeMemory(Math.Max(left, 0), limit, $"the cgroup {at}");
                }
            }

            if (at is "/" or "")
            {
                return least;
            }
        }
    }

    /// <summary>A file's number; null where there is no file, or it says "max".</summary>
    private static long? Number(string file) =>
        Lines(file) is [var line, ..] && long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>The number behind a word at the start of a line.</summary>
    private static long? Value(string file, string word)
    {
        foreach (string line in Lines(file))
        {
            if (line.StartsWith(word, StringComparison.Ordinal))
            {
                string number = line[word.Length..].Trim().Split(' ')[0];
                return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
            }
        }

        return null;
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Metrics;

/// <summary>A file of metrics, always whole: a new one takes the place of the last.</summary>
internal static class MetricsFile
{
    private static readonly mode_t s_mode = 0b110_100_100;

    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not write it.</exception>
    public static void Write(string path, string text)
    {
        // The collector reads *.prom. A new file, so that no link that somebody left there is followed.
        string next = path + ".new";
        File.Delete(next);
        using (var file = new FileStream(next, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            // Whatever the process's umask is.
            _ = fchmod((int)file.SafeFileHandle.DangerousGetHandle(), s_mode);
            file.Write(Encoding.UTF8.GetBytes(text));
        }

        File.Move(next, path, overwrite: true);
    }
}

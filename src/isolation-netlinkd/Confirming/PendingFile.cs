using DcosIsolation.Policy;
using Microsoft.Win32.SafeHandles;

namespace DcosIsolation.Daemon.Confirming;

/// <summary>
/// The file that says what an <c>apply --confirm-within</c> replaced, of one network namespace: it is there as long as that can be confirmed or
/// undone. Who makes it or takes it away holds the xtables lock.
/// </summary>
internal sealed class PendingFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private PendingFile(string path) => Path = path;

    /// <summary>The file of this network namespace, below the directory that systemd names, or else /run.</summary>
    /// <exception cref="IOException">The namespace cannot be told.</exception>
    public static PendingFile OfThisNamespace()
    {
        string? named = Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY")?.Split(':')[0];
        return new PendingFile(System.IO.Path.Combine(
            string.IsNullOrEmpty(named) ? "/run/isolation-netlinkd" : named, $"pending-{OwnNamespace.Name}"));
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The id of the switch that is pending, from the file's first bytes; null when there is none.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public Guid? ReadId()
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(Path);
            byte[] head = new byte[PendingFormat.HeadLength];
            return PendingFormat.IdOf(head.AsSpan(0, RandomAccess.Read(file, head, 0)));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>What is pending; null when nothing is.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be understood; the message says what to do.</exception>
    public PendingSwitch? Read()
    {
        try
        {
            return PendingFormat.Read(File.ReadAllBytes(Path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is PendingFormatException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"{Path}, which says what the last 'apply --confirm-within' replaced, cannot be used: {e.Message}; nothing is put back from it. "
                + "If what is in force is right, remove that file; else apply the right policy, and then remove it",
                e);
        }
    }

    /// <summary>Writes the file as a whole or not at all.</summary>
    /// <exception cref="InvalidOperationException">There is one, which this would replace.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(PendingSwitch pending)
    {
        if (File.Exists(Path))
        {
            throw new InvalidOperationException($"{Path} is there and may be needed to put back what was in force; nothing was changed: remove it first");
        }

        // That this is no Windows the analyzer does not know.
        string fresh = OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : Path + ".new";
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!, Owner | UnixFileMode.UserExecute);

            // One that is there is of a process that was killed, since the lock is held.
            File.Delete(fresh);
            try
            {
                using (var file = new FileStream(fresh, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = Owner,
                    BufferSize = 0,
                }))
                {
                    file.Write(PendingFormat.Write(pending));
                    file.Flush(flushToDisk: true);
                }

                File.Move(fresh, Path, overwrite: true);
            }
            catch
            {
                File.Delete(fresh);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{Path}, which would say what to put back, cannot be written: {e.Message}; nothing was changed. "
                + "Make room there, set RUNTIME_DIRECTORY to another directory, or apply without --confirm-within",
                e);
        }
    }

    /// <summary>Takes the file away, if it is there.</summary>
    /// <exception cref="IOException">It cannot be taken away; the message says what that means.</exception>
    public void Delete()
    {
        try
        {
            File.Delete(Path);
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{Path} cannot be removed: {e.Message}; as long as it is there, what was in force before comes back when its time is over", e);
        }
    }
}

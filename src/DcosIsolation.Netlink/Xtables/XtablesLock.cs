using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Netlink.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The lock that iptables-legacy and whoever else writes xtables hold from reading a table until having written it: flock on
/// <c>/run/xtables.lock</c>. The kernel itself notices a concurrent write only if it changed the number of rules. iptables-nft doesn't take
/// the lock, nor does it write these tables. Not safe for use by several threads at once; two locks in one process exclude each other.
/// </summary>
public sealed class XtablesLock : IDisposable
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(20);

    private static readonly mode_t s_ownerReadWrite = 0b110_000_000;

    private readonly SafeFileHandle _file;

    private XtablesLock(string path, SafeFileHandle file)
    {
        Path = path;
        _file = file;
    }

    /// <summary>The lock file.</summary>
    public string Path { get; }

    /// <summary>Takes the lock, waiting for whoever holds it.</summary>
    /// <param name="timeout">How long to wait at most; zero or less to try once.</param>
    /// <param name="path">
    /// The lock file, created with mode 0600 if missing; null for <c>$XTABLES_LOCKFILE</c> or else <c>/run/xtables.lock</c>, as iptables
    /// does.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    /// <exception cref="XtablesLockTimeoutException">Somebody else held it all the time; the message says who.</exception>
    /// <exception cref="XtablesException">The file cannot be opened or locked.</exception>
    public static XtablesLock Acquire(TimeSpan timeout, string? path = null, CancellationToken cancellation = default)
    {
        path ??= Environment.GetEnvironmentVariable("XTABLES_LOCKFILE") is { Length: > 0 } variable ? variable : "/run/xtables.lock";
        long start = Stopwatch.GetTimestamp();
        SafeFileHandle file = Open(path);
        bool waited = false;
        try
        {
            while (sys_file.flock(file, sys_file.LOCK_EX | sys_file.LOCK_NB) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != EAGAIN && error != EINTR)
                {
                    throw Failure(error, $"cannot lock {path}: {XtablesException.Explain(error)}");
                }

                cancellation.ThrowIfCancellationRequested();
                TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    throw TimedOut(path, file, timeout, error);
                }

                waited = true;
                Thread.Sleep(left < s_pollInterval ? left : s_pollInterval);
            }

            return new(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        finally
        {
            if (waited)
            {
                NetfilterMetrics.WaitedForLock(Stopwatch.GetElapsedTime(start));
            }
        }
    }

    /// <summary>Gives the lock up, by closing the file; further calls do nothing.</summary>
    public void Dispose() => _file.Dispose();

    internal void ThrowIfNotHeld() => ObjectDisposedException.ThrowIf(_file.IsClosed, this);

    private static unsafe SafeFileHandle Open(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            // Not truncated and never written: others may hold the lock on this very file.
            int fd = open(name, O_CREAT | O_CLOEXEC, s_ownerReadWrite);
            int error = fd < 0 ? errno : 0;
            return fd >= 0
                ? new(fd, ownsHandle: true)
                : throw Failure(error, $"cannot open the xtables lock file {path}: {XtablesException.Explain(error)}");
        }
    }

    private static XtablesException Failure(int error, string message) =>
        new("lock xtables", NetfilterFamily.Unspecified, error, $"{message}; run as root, or set XTABLES_LOCKFILE to a file of your own");

    private static XtablesLockTimeoutException TimedOut(string path, SafeFileHandle file, TimeSpan timeout, int error)
    {
        (int pid, string? program) = FindHolder(file);
        string holder = pid == 0 ? "another process" : $"{program ?? "a process"} (pid {pid})";
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"cannot lock {path} within {Math.Max(0, timeout.TotalSeconds):0.###} s: {holder} holds it; try again when that is done");
        return new(error, message, path, pid == 0 ? null : pid, program);
    }

    /// <summary>
    /// Looks for the file's lock in /proc/locks: <c>1: FLOCK ADVISORY WRITE 4242 00:19:1234 0 EOF</c>, the file as major:minor:inode with
    /// the device in hex (fs/locks.c, lock_get_status).
    /// </summary>
    private static unsafe (int Pid, string? Program) FindHolder(SafeFileHandle lockFile)
    {
        stat status;
        if (fstat((int)lockFile.DangerousGetHandle(), &status) != 0)
        {
            return default;
        }

        ulong device = (ulong)status.st_dev;
        ulong major = device >> 8 & 0xfff | device >> 32 & 0xfffff000;
        ulong minor = device & 0xff | device >> 12 & 0xffffff00;
        string file = $"{major:x2}:{minor:x2}:{(ulong)status.st_ino}";
        foreach (string line in TryRead(() => File.ReadAllLines("/proc/locks")) ?? [])
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [_, "FLOCK", _, _, var id, var where, ..]
                && where == file
                && int.TryParse(id, CultureInfo.InvariantCulture, out int pid)
                && pid > 0)
            {
                return (pid, TryRead(() => File.ResolveLinkTarget($"/proc/{pid}/exe", returnFinalTarget: false)?.FullName));
            }
        }

        return default;
    }

    /// <summary>
    /// Null where there is no /proc, or the holder is gone or somebody else's: a timeout is worth reporting without its name.
    /// </summary>
    private static T? TryRead<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

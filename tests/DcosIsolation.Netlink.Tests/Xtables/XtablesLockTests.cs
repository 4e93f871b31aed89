using System.Diagnostics;
using System.Runtime.Versioning;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Xtables;

[SupportedOSPlatform("linux")]
public sealed class XtablesLockTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"xtables-{Guid.NewGuid():n}.lock");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Who_waits_in_vain_is_told_who_holds_the_lock()
    {
        using var holder = Process.Start(new ProcessStartInfo("flock", [_path, "sleep", "60"]))!;
        try
        {
            WaitUntilHeld();
            long start = Stopwatch.GetTimestamp();
            var e = Assert.Throws<XtablesLockTimeoutException>(() => XtablesLock.Acquire(TimeSpan.FromMilliseconds(100), _path));
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 99, 20_000);
            Assert.Equal(_path, e.LockPath);
            Assert.Equal(holder.Id, e.HolderPid);
            Assert.EndsWith("/flock", e.HolderPath, StringComparison.Ordinal);
            Assert.True(e.CanRetry);
            Assert.Equal("EAGAIN", e.ErrnoName);
            string who = $"{e.HolderPath} (pid {holder.Id})";
            Assert.Equal($"cannot lock {_path} within 0.1 s: {who} holds it; try again when that is done", e.Message);
        }
        finally
        {
            holder.Kill(entireProcessTree: true);
            holder.WaitForExit();
        }

        XtablesLock.Acquire(TimeSpan.FromSeconds(20), _path).Dispose();
    }

    [Fact]
    public void The_lock_is_free_again_once_disposed_of()
    {
        XtablesLock first = XtablesLock.Acquire(TimeSpan.Zero, _path);
        var e = Assert.Throws<XtablesLockTimeoutException>(() => XtablesLock.Acquire(TimeSpan.Zero, _path));
        Assert.Equal(Environment.ProcessId, e.HolderPid);
        first.Dispose();
        first.Dispose();
        using XtablesLock second = XtablesLock.Acquire(TimeSpan.Zero, _path);
        Assert.Equal(_path, second.Path);
        Assert.Throws<ObjectDisposedException>(first.ThrowIfNotHeld);
    }

    [Fact]
    public void Who_waits_gets_the_lock_when_it_is_given_up()
    {
        XtablesLock first = XtablesLock.Acquire(TimeSpan.Zero, _path);
        using var release = new Timer(_ => first.Dispose(), null, 100, Timeout.Infinite);
        XtablesLock.Acquire(TimeSpan.FromSeconds(20), _path).Dispose();
    }

    [Fact]
    public void A_new_lock_file_is_its_owners_alone()
    {
        XtablesLock.Acquire(TimeSpan.Zero, _path).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void A_lock_file_that_cannot_be_opened_is_named()
    {
        var e = Assert.Throws<XtablesException>(() => XtablesLock.Acquire(TimeSpan.Zero, "/nowhere/at/all.lock"));
        Assert.Equal("ENOENT", e.ErrnoName);
        Assert.Contains("/nowhere/at/all.lock: No such file or directory (ENOENT)", e.Message, StringComparison.Ordinal);
    }

    private void WaitUntilHeld()
    {
        for (int i = 0; i < 1000; i++)
        {
            try
            {
                XtablesLock.Acquire(TimeSpan.Zero, _path).Dispose();
            }
            catch (XtablesLockTimeoutException)
            {
                return;
            }

            Thread.Sleep(10);
        }
    }
}

using System.Globalization;
using DcosIsolation.Daemon.Commands;
using DcosIsolation.Daemon.Running;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Confirming;

/// <summary>
/// The process that undoes a switch when its time is over, and ends when somebody else has decided: this program again, with a command that
/// no help shows.
/// </summary>
internal static class RollbackHelper
{
    /// <summary>The command: an id and a deadline in ticks follow.</summary>
    public const string Command = "undo-unless-confirmed";

    // However long the machine sleeps meanwhile, which no wait in the kernel counts.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_waitWithoutWatch = TimeSpan.FromSeconds(1);

    /// <summary>Starts the helper.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static void Start(PendingSwitch pending)
    {
        int error = DetachedProcess.Start(
            "/proc/self/exe",
            ["isolation-netlinkd", Command, pending.Id.ToString("N"), pending.Deadline.Ticks.ToString(CultureInfo.InvariantCulture)]);
        if (error != 0)
        {
            throw new IOException($"cannot start the process that undoes what is not confirmed: errno {error}; nothing was changed");
        }
    }

    /// <summary>What the helper does.</summary>
    public static int Run(string id, string deadline)
    {
        // Where it was started need not stay.
        Directory.SetCurrentDirectory("/");
        Guid own = Guid.ParseExact(id, "N");
        TimeSpan end = TimeSpan.FromTicks(long.Parse(deadline, CultureInfo.InvariantCulture));
        PendingFile file = PendingFile.OfThisNamespace();
        using FileWatch? watch = FileWatch.Begin([file.Path]);
        while (file.ReadId() == own)
        {
            TimeSpan left = end - BootClock.Now;
            if (left <= TimeSpan.Zero)
            {
                if (TryRollBack(file, own))
                {
                    break;
                }

                left = s_longestWait;
            }

            Wait(watch, left);
        }

        return ExitCode.Done;
    }

    private static bool TryRollBack(PendingFile file, Guid own)
    {
        try
        {
            using XtablesLock heldLock = XtablesLock.Acquire(s_longestWait);
            if (file.Read() is { } pending && pending.Id == own)
            {
                Rollback.Run(file, pending, NullLogger.Instance, heldLock);
            }

            return true;
        }
        catch (Exception e) when (e is PlanConflictException || CommandLine.IsRefusal(e))
        {
            // Nobody is there to be told; every command tells that it is not done yet, and why it fails.
            return false;
        }
    }

    private static unsafe void Wait(FileWatch? watch, TimeSpan time)
    {
        TimeSpan longest = watch is null ? s_waitWithoutWatch : s_longestWait;
        int milliseconds = (int)Math.Ceiling((time < longest ? time : longest).TotalMilliseconds);
        pollfd descriptor = new() { fd = watch is null ? -1 : (int)watch.Handle.DangerousGetHandle(), events = POLLIN };
        if (poll(&descriptor, 1, milliseconds) > 0)
        {
            watch?.Drain();
        }
    }
}

using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Daemon.Running;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>apply POLICY</c>.</summary>
internal static class ApplyCommand
{
    public static int Run(CommandContext context, string path, TimeSpan lockWait, SwitchLimits limits, TimeSpan? confirmWithin)
    {
        if (confirmWithin is not null && DaemonLease.IsHeld)
        {
            throw new InvalidOperationException(
                "'isolation-netlinkd run' keeps this network namespace and would put its own policy back, confirmed or not; nothing was changed: "
                + "change its policy file instead, or stop it first");
        }

        PolicyFile file = PolicyFile.Read(context, path);
        using ProgressLine? progress = context.Progress();
        using KernelDataplane dataplane = KernelDataplane.Open(context.Logger, progress);
        DesiredState desired = file.Compile(context, dataplane);
        Task<string> stateDigest = Task.Run(() => StateDigest.Of(desired));

        // One writer at a time, from what is read to what is written.
        using XtablesLock heldLock = XtablesLock.Acquire(lockWait);
        Leftovers.Settle(context, heldLock).RefuseIfPending();
        LiveState live = dataplane.Read(file.Families);
        (SwitchResult done, PendingSwitch? pending) = confirmWithin is { } within
            ? ConfirmedSwitch.Run(dataplane, desired, live, limits, within, context.Logger, heldLock)
            : (PolicySwitch.Run(dataplane, desired, live, limits, heldLock), null);
        foreach (string message in done.Messages)
        {
            context.Tell(message);
        }

        if (DaemonLease.IsHeld)
        {
            context.Tell(DaemonLease.Warning);
        }

        var report = new ApplyReport(done.Plan, stateDigest.GetAwaiter().GetResult(), file.Digest) { Pending = pending };
        context.WriteReport("applied", report.WriteJson, report.WriteText);
        return ExitCode.Done;
    }
}

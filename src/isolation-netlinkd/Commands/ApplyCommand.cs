using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Daemon.Running;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>apply POLICY</c>.</summary>
internal static class ApplyCommand
{
    public static int Run(CommandContext context, string path, TimeSpan lockWait, SwitchLimits limits)
    {
        PolicyFile file = PolicyFile.Read(context, path);
        using KernelDataplane dataplane = KernelDataplane.Open(context.Logger);
        DesiredState desired = file.Compile(context, dataplane);
        Task<string> stateDigest = Task.Run(() => StateDigest.Of(desired));

        // One writer at a time, from what is read to what is written.
        using XtablesLock heldLock = XtablesLock.Acquire(lockWait);
        TraceLeftovers.Remove(context.Tell, heldLock);
        SwitchResult done = PolicySwitch.Run(dataplane, desired, dataplane.Read(file.Families), limits, heldLock);
        foreach (string message in done.Messages)
        {
            context.Tell(message);
        }

        if (DaemonLease.IsHeld)
        {
            context.Tell(DaemonLease.Warning);
        }

        var report = new ApplyReport(done.Plan, stateDigest.GetAwaiter().GetResult(), file.Digest);
        context.WriteReport("applied", report.WriteJson, report.WriteText);
        return ExitCode.Done;
    }
}

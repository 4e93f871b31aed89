using System.Collections.Immutable;
using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Daemon.Running;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>remove</c>.</summary>
internal static class RemoveCommand
{
    public static int Run(CommandContext context, TimeSpan lockWait)
    {
        using ProgressLine? progress = context.Progress();
        using KernelDataplane dataplane = KernelDataplane.Open(context.Logger, progress);
        using XtablesLock heldLock = XtablesLock.Acquire(lockWait);
        int traces = TraceLeftovers.Remove(context.Tell, heldLock);
        LiveState live = dataplane.Read(new HashSet<Family>());
        Plan plan = Planner.PlanRemoval(live);
        ImmutableArray<string> warnings = dataplane.Apply(plan, heldLock, TimeProvider.System.GetUtcNow());

        // What is removed does not come back when a time is over.
        PendingFile.OfThisNamespace().Delete();
        foreach (string message in plan.Notices.Concat(warnings))
        {
            context.Tell(message);
        }

        if (traces > 0)
        {
            context.Tell($"the table raw keeps the rules of {Counted.Text(traces, "running trace")}");
        }

        if (DaemonLease.IsHeld)
        {
            context.Tell(DaemonLease.Warning);
        }

        var report = new RemoveReport(plan);
        context.WriteReport("removed", report.WriteJson, report.WriteText);
        return ExitCode.Done;
    }
}

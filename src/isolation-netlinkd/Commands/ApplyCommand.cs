using System.Collections.Immutable;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
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
        LiveState live = dataplane.Read(file.Families);
        Plan plan = Planner.Plan(desired, live);
        ImmutableArray<string> warnings;
        try
        {
            warnings = CarryOut();
        }
        catch (SetPinnedException e)
        {
            context.Tell($"{e.Message}; a new generation is built instead");
            plan = Planner.Plan(desired, live with { CanSwap = false });
            warnings = CarryOut();
        }

        foreach (string message in plan.Notices.Concat(warnings))
        {
            context.Tell(message);
        }

        var report = new ApplyReport(plan, stateDigest.GetAwaiter().GetResult(), file.Digest);
        context.WriteReport("applied", report.WriteJson, report.WriteText);
        return ExitCode.Done;

        ImmutableArray<string> CarryOut()
        {
            Headroom.Check(PlanNeeds.Of(plan, live), limits, FreeMemory.Now());
            return dataplane.Apply(plan, heldLock, TimeProvider.System.GetUtcNow());
        }
    }
}

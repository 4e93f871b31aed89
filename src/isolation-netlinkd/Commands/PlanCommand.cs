using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>plan POLICY</c>.</summary>
internal static class PlanCommand
{
    public static int Run(CommandContext context, string path, SwitchLimits limits)
    {
        PolicyFile file = PolicyFile.Read(context, path);
        using ProgressLine? progress = context.Progress();
        using KernelDataplane dataplane = KernelDataplane.Open(context.Logger, progress);
        if (Leftovers.Settle(context, heldLock: null).Pending is { } pending)
        {
            context.Tell(Leftovers.Describe(pending));
        }

        DesiredState desired = file.Compile(context, dataplane);
        Task<string> stateDigest = Task.Run(() => StateDigest.Of(desired));
        LiveState live = dataplane.Read(file.Families);
        Plan plan = Planner.Plan(desired, live);
        PlanNeeds needs = PlanNeeds.Of(plan, live);
        Headroom.Check(needs, limits, FreeMemory.Now());
        var report = new PlanReport(plan, needs, stateDigest.GetAwaiter().GetResult(), file.Digest)
        {
            Families = desired.Families,
            Verdicts = plan.IsEmpty ? VerdictChanges.None : VerdictDiff.Of(desired, live),
        };
        context.WriteResult(report.WriteJson, text => report.WriteText(text, context.Verbose));
        return plan.IsEmpty ? ExitCode.Done : ExitCode.Pending;
    }
}

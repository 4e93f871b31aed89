using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>show</c>.</summary>
internal static class ShowCommand
{
    public static int Run(CommandContext context)
    {
        using ProgressLine? progress = context.Progress();
        using KernelDataplane dataplane = KernelDataplane.Open(context.Logger, progress);
        PendingSwitch? pending = Leftovers.Settle(context, heldLock: null).Pending;
        var report = new ShowReport(dataplane.Read(new HashSet<Family>()), pending);
        context.WriteResult(report.WriteJson, report.WriteText);
        return ExitCode.Done;
    }

    /// <summary><c>show --rules</c>.</summary>
    public static int RunRules(CommandContext context)
    {
        Leftovers.Settle(context, heldLock: null);
        var report = new RulesReport(RuleLister.TryList(Family.Inet), RuleLister.TryList(Family.Inet6));
        context.WriteResult(report.WriteJson, report.WriteText);
        return ExitCode.Done;
    }
}

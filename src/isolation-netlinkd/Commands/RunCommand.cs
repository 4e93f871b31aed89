using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Daemon.Running;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>run --policy POLICY</c>.</summary>
internal static class RunCommand
{
    public static int Run(CommandContext context, string path, FileTrust trust, TimeSpan interval, TimeSpan lockWait, SwitchLimits limits)
    {
        ILogger logger = new LineLogger(context.Error);
        using var signals = new DaemonSignals();
        using DaemonLease lease = DaemonLease.Take();
        using KernelDataplane dataplane = KernelDataplane.Open(context.Logger);
        Leftovers.Settle(context, heldLock: null).RefuseIfPending();
        using var source = new PolicySource(path, trust, dataplane, logger);
        var enforcer = new Enforcer(dataplane, limits, lockWait, signals.Stopping);
        DaemonLog.Started(logger, path, interval.TotalSeconds);
        using var manager = new ServiceManager(Environment.GetEnvironmentVariable);
        new IsolationDaemon(source, enforcer, signals, manager, interval, logger).Run();
        return ExitCode.Done;
    }
}

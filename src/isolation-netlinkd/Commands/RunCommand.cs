using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Metrics;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Daemon.Running;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>run --policy POLICY</c>.</summary>
internal static class RunCommand
{
    // A dump that is being read ends by then. One that stalls must not keep the daemon, nor the lock, from others' changes.
    private static readonly TimeSpan s_destroyPatience = TimeSpan.FromMilliseconds(200);

    public static int Run(CommandContext context, string path, FileTrust trust, TimeSpan interval, TimeSpan lockWait, SwitchLimits limits, IReadOnlyList<MetricsTarget> targets, LogFormat? format)
    {
        ILogger logger = new LineLogger(
            context.Error,
            format ?? LogFormats.Default(Environment.GetEnvironmentVariable("JOURNAL_STREAM")),
            context.Verbose ? LogLevel.Debug : LogLevel.Information);
        using var signals = new DaemonSignals();
        using DaemonLease lease = DaemonLease.Take();
        using KernelDataplane dataplane = KernelDataplane.Open(logger);
        dataplane.DestroyPatience = s_destroyPatience;
        Leftovers.Settle(context, heldLock: null).RefuseIfPending();
        using var source = new PolicySource(path, trust, dataplane, logger);
        var enforcer = new Enforcer(dataplane, limits, lockWait, signals.Stopping);
        DaemonLog.Started(logger, path, interval.TotalSeconds);
        using var manager = new ServiceManager(Environment.GetEnvironmentVariable);
        using var outputs = new MetricsOutputs(targets, logger);
        using var metrics = new DaemonMetrics();
        new IsolationDaemon(source, enforcer, signals, manager, metrics, outputs, interval, logger).Run();
        return ExitCode.Done;
    }
}

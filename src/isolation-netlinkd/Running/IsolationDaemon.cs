using System.Collections.Immutable;
using System.Diagnostics;
using DcosIsolation.Daemon.Commands;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Metrics;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Running;

/// <summary>
/// The daemon's loop: puts the policy in force, and again when its files change; looks at the kernel at intervals, and puts back what
/// others changed. One thread does it all, one thing after the other.
/// </summary>
internal sealed class IsolationDaemon(
    PolicySource source,
    Enforcer enforcer,
    DaemonSignals signals,
    ServiceManager manager,
    DaemonMetrics metrics,
    MetricsOutputs outputs,
    TimeSpan interval,
    ILogger logger)
{
    private const long ManyEntries = 100_000;

    // Files that belong together are written one after the other; who never stops writing is not waited for.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_unrest = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_mostBackoff = TimeSpan.FromMinutes(5);

    private readonly VerifySchedule _schedule = new(interval, Random.Shared);
    private readonly Backoff _applyBackoff = new(TimeSpan.FromSeconds(1), s_mostBackoff, Random.Shared);
    private readonly Backoff _lockBackoff = new(TimeSpan.FromSeconds(1), Min(interval, s_mostBackoff), Random.Shared);
    private readonly Backoff _verifyBackoff = new(TimeSpan.FromSeconds(1), interval, Random.Shared);
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>A policy that was read and is not in force yet.</summary>
    private CompiledPolicy? _pending;
    private TimeSpan _loadTook;
    private TimeSpan _applyAt;
    private TimeSpan _verifyAt;
    private TimeSpan? _readAt;
    private TimeSpan? _unrestSince;

    private TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    /// <summary>Runs until a signal ends it.</summary>
    /// <exception cref="InvalidPolicyException">The first policy is not valid.</exception>
    public void Run()
    {
        Load();
        AfterLoad();
        Step();
        while (!signals.Stopping.IsCancellationRequested)
        {
            if (signals.Wait(source.Watch?.Handle, NextWait()))
            {
                Unrest();
            }

            Step();
        }

        manager.Stopping();
        DaemonLog.Stopped(logger);
    }

    private TimeSpan NextWait()
    {
        TimeSpan next = _pending is null ? _verifyAt : Min(_verifyAt, _applyAt);
        TimeSpan wait = Min(next, _readAt ?? next) - Now;
        return Min(wait, manager.WatchdogInterval ?? wait);
    }

    private void Step()
    {
        manager.Alive();
        try
        {
            if (signals.TakeReload())
            {
                Reload("SIGHUP");
            }
            else if (Now >= _readAt)
            {
                (_readAt, _unrestSince) = (null, null);
                ReloadIfChanged();
            }

            if (_pending is not null && Now >= _applyAt)
            {
                Apply(_pending);
            }

            if (Now >= _verifyAt)
            {
                ReloadIfChanged();
                Verify();
            }
        }
        catch (OperationCanceledException) when (signals.Stopping.IsCancellationRequested)
        {
            // Nothing was changed, and nothing will be.
        }
    }

    /// <summary>Something happened beside the files: they are read when it has been quiet for a while.</summary>
    private void Unrest()
    {
        source.Watch?.Drain();
        _unrestSince ??= Now;
        _readAt = Min(Now + s_quiet, _unrestSince.Value + s_unrest);
    }

    private void ReloadIfChanged()
    {
        if (source.HasChanged)
        {
            Reload("its files changed");
        }
    }

    private void Reload(string why)
    {
        DaemonLog.Reloading(logger, why);
        manager.Reloading();
        try
        {
            Load();
        }
        catch (Exception e) when (e is InvalidPolicyException or PolicyCompilationException || CommandLine.IsRefusal(e))
        {
            metrics.Read(isValid: false);
            outputs.Write();
            DaemonLog.Invalid(logger, e.Message);
            TellManager("the policy file is not valid");
            GiveBack();
        }

        AfterLoad();
    }

    private void Load()
    {
        TimeSpan start = Now;
        _pending = source.Load();
        metrics.Read(isValid: true);
        _applyAt = Now;
        _loadTook = _applyAt - start;
        _applyBackoff.Reset();
        _lockBackoff.Reset();
    }

    private void AfterLoad()
    {
        if (source.Watch is null)
        {
            DaemonLog.NoWatch(logger, interval.TotalSeconds);
        }

        if (source.HasChanged)
        {
            // While they were read; the watch began later.
            Unrest();
        }
    }

    private void Apply(CompiledPolicy policy)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            SwitchResult done = enforcer.Apply(policy);
            _pending = null;
            ReportApplied(policy, done, _loadTook, Stopwatch.GetElapsedTime(start));
            _verifyAt = Now + _schedule.NextWait();
            metrics.Applied(policy, _loadTook + Stopwatch.GetElapsedTime(start));
            outputs.Write();
            TidyUp(policy);
        }
        catch (Exception e) when (e is PlanConflictException || CommandLine.IsRefusal(e))
        {
            // Who holds the lock gives it back; a policy must not wait much longer than that.
            TimeSpan wait = e is XtablesLockTimeoutException ? _lockBackoff.Next() : _applyBackoff.Next();
            _applyAt = Now + wait;
            metrics.ApplyFailed();
            outputs.Write();
            DaemonLog.ApplyFailed(logger, e.Message, Math.Round(wait.TotalSeconds, 1));
            TellManager($"cannot put the policy in force: {Quoted.Escape(e.Message)}");
        }
    }

    private void Verify()
    {
        bool full = _schedule.IsFullDue(Now, enforcer.InForce?.Entries ?? 0);
        TimeSpan wait = _schedule.NextWait();
        try
        {
            long start = Stopwatch.GetTimestamp();
            ImmutableArray<Drift> found = enforcer.Verify(full);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            if (full)
            {
                _schedule.FullDone(Now, took);
            }

            metrics.Verified(full, found.IsEmpty, took, enforcer.Headroom);
            if (found.IsEmpty)
            {
                DaemonLog.Verified(logger, full ? "all" : "rules and headers", took.TotalMilliseconds);
            }
            else
            {
                Repair();
            }

            _verifyBackoff.Reset();
            if (full && enforcer.InForce is { } policy)
            {
                TidyUp(policy);
            }
        }
        catch (Exception e) when (e is PlanConflictException || CommandLine.IsRefusal(e))
        {
            wait = _verifyBackoff.Next();
            metrics.VerifyFailed();
            DaemonLog.VerifyFailed(logger, e.Message, Math.Round(wait.TotalSeconds, 1));
        }

        outputs.Write();
        _verifyAt = Now + wait;
    }

    private void Repair()
    {
        long start = Stopwatch.GetTimestamp();
        if (enforcer.Repair() is not var (found, done))
        {
            return;
        }

        foreach (Drift drift in found)
        {
            DaemonLog.Drifted(logger, drift.KindText, drift.What);
        }

        metrics.Repaired(found, Stopwatch.GetElapsedTime(start));
        Tell(done);
        DaemonLog.Repaired(
            logger,
            done.Plan.Create.Length,
            done.Plan.EntriesInPlace(added: true),
            done.Plan.EntriesInPlace(added: false),
            done.Plan.Tables.Length,
            Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private void ReportApplied(CompiledPolicy policy, SwitchResult done, TimeSpan load, TimeSpan took)
    {
        Tell(done);
        manager.Ready($"policy {policy.Desired.PolicyDigest[..12]} in force: {policy.Networks} networks, {policy.Entries} entries");
        DaemonLog.Applied(
            logger,
            policy.Desired.PolicyDigest,
            policy.Networks,
            policy.Entries,
            done.Plan.Create.Length,
            done.Plan.Tables.Length,
            load.TotalMilliseconds,
            took.TotalMilliseconds);
    }

    /// <summary>Ends a reload that changed nothing: an earlier policy, if there is one, stays in force.</summary>
    private void TellManager(string problem)
    {
        if (enforcer.InForce is null)
        {
            manager.Status(problem);
        }
        else
        {
            manager.Ready($"{problem}; an earlier policy stays in force");
        }
    }

    private void Tell(SwitchResult done)
    {
        foreach (string message in done.Messages)
        {
            DaemonLog.Notice(logger, message);
        }
    }

    /// <summary>Gives back the memory that a large policy took on its way.</summary>
    private static void TidyUp(CompiledPolicy policy)
    {
        if (policy.Entries >= ManyEntries)
        {
            GiveBack();
        }
    }

    private static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}

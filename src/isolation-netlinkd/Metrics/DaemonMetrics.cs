using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using DcosIsolation.Daemon.Commands;
using DcosIsolation.Daemon.Running;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Metrics;

/// <summary>What the daemon counts and measures. Not thread-safe; whoever listens may be on another thread.</summary>
internal sealed class DaemonMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "isolation-netlinkd";

    private readonly Meter _meter = new(MeterName);
    private readonly Gauge<double> _networks;
    private readonly Gauge<double> _entries;
    private readonly Gauge<double> _headroom;
    private readonly Gauge<double> _appliedAt;
    private readonly Gauge<double> _applyTook;
    private readonly Gauge<double> _verifyTook;
    private readonly Gauge<double> _repairTook;
    private readonly Gauge<double> _isValid;
    private readonly Gauge<double> _info;
    private readonly Counter<long> _verifies;
    private readonly Counter<long> _drift;
    private readonly Counter<long> _repairs;
    private readonly Counter<long> _applyFailures;
    private readonly Counter<long> _verifyFailures;

    /// <summary>Makes the instruments; whoever listens must have begun.</summary>
    public DaemonMetrics()
    {
        _networks = _meter.CreateGauge<double>("isolation_networks", null, "Networks of the policy in force.");
        _entries = _meter.CreateGauge<double>("isolation_entries", null, "Entries of the sets of the policy in force.");
        _headroom = _meter.CreateGauge<double>(
            "isolation_headroom_ratio", null, "The smallest share of a set's maxelem that is free, when the kernel was last looked at.");
        _appliedAt = _meter.CreateGauge<double>("isolation_last_apply_timestamp_seconds", null, "When a policy was last put in force.");
        _applyTook = _meter.CreateGauge<double>("isolation_last_apply_duration_seconds", null, "How long that took.");
        _verifyTook = _meter.CreateGauge<double>("isolation_last_verify_duration_seconds", null, "How long the last look at the kernel took, by depth.");
        _repairTook = _meter.CreateGauge<double>("isolation_last_repair_duration_seconds", null, "How long the last repair took.");
        _isValid = _meter.CreateGauge<double>("isolation_policy_valid", null, "Whether the policy file was valid when it was last read.");
        _info = _meter.CreateGauge<double>("isolation_policy_info", null, "The digests of the policy in force.");
        _verifies = _meter.CreateCounter<long>("isolation_verifies_total", null, "Looks at the kernel, by depth and result.");
        _drift = _meter.CreateCounter<long>("isolation_drift_total", null, "What others changed, by kind.");
        _repairs = _meter.CreateCounter<long>("isolation_repairs_total", null, "Times that what others changed was put back.");
        _applyFailures = _meter.CreateCounter<long>("isolation_apply_failures_total", null, "Times that a policy could not be put in force.");
        _verifyFailures = _meter.CreateCounter<long>(
            "isolation_verify_failures_total", null, "Times that the kernel could not be looked at or put right.");

        _meter.CreateGauge<double>("isolation_build_info", null, "The version of the daemon.").Record(1, new KeyValuePair<string, object?>("version", VersionCommand.Version));

        // What counts failures is there before the first one.
        _repairs.Add(0);
        _applyFailures.Add(0);
        _verifyFailures.Add(0);
    }

    /// <summary>The policy file was read.</summary>
    public void Read(bool isValid) => _isValid.Record(isValid ? 1 : 0);

    /// <summary>A policy was put in force.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="took">How long it took, reading included.</param>
    public void Applied(CompiledPolicy policy, TimeSpan took)
    {
        if (!_info.Enabled)
        {
            // The state's digest is work that only a listener is worth.
            return;
        }

        _networks.Record(policy.Networks);
        _entries.Record(policy.Entries);
        _appliedAt.Record(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
        _applyTook.Record(took.TotalSeconds);
        _info.Record(1, new("policy_digest", policy.Desired.PolicyDigest), new("state_digest", StateDigest.Of(policy.Desired)));
    }

    /// <summary>A policy could not be put in force.</summary>
    public void ApplyFailed() => _applyFailures.Add(1);

    /// <summary>The kernel was looked at.</summary>
    public void Verified(bool full, bool clean, TimeSpan took, double? headroom)
    {
        var depth = new KeyValuePair<string, object?>("depth", full ? "full" : "rules-and-headers");
        _verifies.Add(1, depth, new("result", clean ? "clean" : "drift"));
        _verifyTook.Record(took.TotalSeconds, depth);
        if (headroom is { } free)
        {
            _headroom.Record(free);
        }
    }

    /// <summary>The kernel could not be looked at, or not put right.</summary>
    public void VerifyFailed() => _verifyFailures.Add(1);

    /// <summary>What others changed was put back.</summary>
    /// <param name="found">What.</param>
    /// <param name="took">How long it took, looking included.</param>
    public void Repaired(ImmutableArray<Drift> found, TimeSpan took)
    {
        foreach (Drift drift in found)
        {
            _drift.Add(1, new KeyValuePair<string, object?>("kind", drift.KindText));
        }

        _repairs.Add(1);
        _repairTook.Record(took.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();
}

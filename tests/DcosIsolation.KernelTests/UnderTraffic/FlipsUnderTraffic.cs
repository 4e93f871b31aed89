using System.Diagnostics;
using DcosIsolation.Policy;
using DcosIsolation.Policy.Tests;
using Xunit;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>A scenario on a network of its own: its policies flip to and fro while probes are sent and checked by another thread.</summary>
internal sealed class FlipsUnderTraffic : IDisposable
{
    // What comes to light later is not worth waiting for: each missing probe costs the checker's deadline.
    private const int MostWrong = 10;

    private readonly Scenario _scenario;
    private readonly Action<Flipper, DesiredState> _flip;
    private readonly TrafficNetwork _network;
    private readonly Checker _checker;
    private readonly Packet[] _packets;
    private readonly SortedDictionary<string, int> _taken = new(StringComparer.Ordinal);
    private TimeSpan _duration;
    private volatile int _flips;
    private volatile bool _isFlipping;

    /// <param name="scenario">The policies and what is probed.</param>
    /// <param name="flip">How to bring the kernel to one of the policies; called in the node's namespace.</param>
    public FlipsUnderTraffic(Scenario scenario, Action<Flipper, DesiredState> flip)
    {
        (_scenario, _flip) = (scenario, flip);
        _packets = scenario.Packets();
        _network = new TrafficNetwork(scenario.IsTracked);
        try
        {
            _checker = new Checker(_network, _packets) { Situation = () => $"flip {_flips + 1}{(_isFlipping ? "" : " to come")}" };
        }
        catch
        {
            _network.Dispose();
            throw;
        }
    }

    /// <summary>Flips that are complete.</summary>
    public int Flips => _flips;

    /// <summary>Probes sent.</summary>
    public long Probes => _checker.Sent;

    /// <summary>Wrong verdicts.</summary>
    public int Wrong => _checker.Wrong;

    /// <summary>The ways that the flips took.</summary>
    public IReadOnlyCollection<string> Paths => [.. _taken.Keys];

    /// <summary>The first wrong verdicts.</summary>
    public string Description => _checker.Description;

    /// <summary>Flips until enough is done or too much is wrong.</summary>
    /// <param name="isEnough">Asked after each flip.</param>
    /// <param name="probesPerFlip">The most probes for each flip, give or take a window; null for as many as can be sent.</param>
    public void Run(Func<bool> isEnough, int? probesPerFlip = null) => _network.Node.Run(() =>
    {
        // Without a policy everything arrives: the probes are such that only a verdict stops them.
        _checker.CheckAll([.. _packets.Select(_ => Fate.Passes)]);

        using var flipper = new Flipper(_network.LockFile, _taken);
        IsolationPolicy[] policies = [Scenario.Read(_scenario.Before), Scenario.Read(_scenario.After)];
        DesiredState[] desired = [.. policies.Select(flipper.Compile)];
        Fate[][] fates = [.. policies.Select(policy => Scenario.Fates(policy, _packets))];
        Fate[] always = Scenario.Fates(fates[0], fates[1]);
        foreach (int policy in new[] { 1, 0 })
        {
            flipper.Apply(desired[policy]);
            _checker.CheckAll(fates[policy]);
        }

        _taken.Clear();
        Assert.True(Wrong == 0, $"with the policy in force, and no flip: {Description}");
        long start = Stopwatch.GetTimestamp();
        bool isOver = false;
        using var checking = new BackgroundThread(() => _checker.Check(always, () =>
        {
            while (!Volatile.Read(ref isOver) && Probes >= (long?)probesPerFlip * (_flips + 1))
            {
                Thread.Sleep(1);
            }

            return !Volatile.Read(ref isOver) && Wrong < MostWrong;
        }));
        try
        {
            do
            {
                _isFlipping = true;
                _flip(flipper, desired[1 - (_flips & 1)]);
                _isFlipping = false;
                _flips++;
            }
            while (!isEnough() && checking.IsRunning);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        checking.Join();
        _duration = Stopwatch.GetElapsedTime(start);
        (long sent, long arrived) = _checker.Counts[Fate.Either];
        if (Wrong == 0)
        {
            Assert.True(_checker.Counts.Values.All(count => count.Sent > 0), $"a fate that no probe has: {this}");
            Assert.True(arrived > 0 && arrived < sent, $"the probes saw only one of the policies: {this}");
        }
    });

    public void Dispose()
    {
        _checker.Dispose();
        _network.Dispose();
    }

    public override string ToString() =>
        $"{Flips} flips ({string.Join(", ", _taken.Select(path => $"{path.Value} {path.Key}"))}), {Probes} probes in {_duration.TotalSeconds:0.0} s; "
        + string.Join(", ", _checker.Counts.Select(count => $"{count.Key}: {count.Value.Sent} sent, {count.Value.Arrived} arrived"));
}

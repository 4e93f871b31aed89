using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using DcosIsolation.Lab;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary><c>run</c> beside others who stall, hold the lock, set the clock, never stop: it goes on, calmly, and repairs.</summary>
public sealed class DaemonFaultTests(ITestOutputHelper output) : IDisposable
{
    private const int Many = 3_000;

    private readonly Node _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void A_stalled_dump_delays_neither_policy_nor_repair_and_the_set_goes_when_it_ends()
    {
        string policy = Networks(hasBig: true);
        Subnets(first: 0);
        using RunningDaemon daemon = RunningDaemon.Start(_node, policy, "1s");
        using (var dump = _node.Space.Run(() => new StalledDump("dcos-net-big")))
        {
            // The entries of the set that is pinned, and of the one that takes its place.
            Subnets(first: Many);
            TimeSpan first = daemon.AwaitEntry(Subnet((2 * Many) - 1));
            Subnets(first: Many * 2);
            TimeSpan second = daemon.AwaitEntry(Subnet((3 * Many) - 1));

            string rules = Rules();
            ForeignChange.DeleteJump(_node);
            TimeSpan jump = daemon.Await(() => Rules() == rules, "the jump");
            _node.Reference($"ipset flush {_node.SetNames().Single(name => name.TrimEnd('+', '=') == "dcos-net-small")}");
            TimeSpan flushed = daemon.AwaitEntry("10.1.0.0/16");

            Networks(hasBig: false);
            TimeSpan gone = daemon.Await(() => !Rules().Contains("dcos-net-big", StringComparison.Ordinal), "no rule for it");
            output.WriteLine($"entries after {first} and {second}, jump {jump}, flushed set {flushed}, network gone {gone}");
            daemon.Await(() => BigSets().Length == 1, "no set but the pinned one");

            // What is pinned is no change of others', and no reason to be restless.
            AssertCalm(daemon, TimeSpan.FromSeconds(3));
            Assert.Equal(["dcos-net-big"], BigSets());
            Assert.Equal(0, daemon.Lines("(set-unused)"));
            Assert.InRange(daemon.Lines("put back: "), 0, 2);
        }

        TimeSpan left = daemon.Await(() => BigSets().Length == 0, "the set gone");
        output.WriteLine($"the set gone {left} after the dump's end");
        daemon.Stop();
        Assert.Equal(0, _node.Run("plan", policy).ExitCode);
    }

    /// <summary>A longer one is asked for with LOCK_SECONDS.</summary>
    public static TheoryData<int> LockSeconds => Setting("LOCK_SECONDS") is { } more ? [1, 10, more] : [1, 10];

    [Theory]
    [MemberData(nameof(LockSeconds))]
    public void While_another_holds_the_lock_it_says_who_waits_calmly_and_then_repairs(int seconds)
    {
        using RunningDaemon daemon = RunningDaemon.Start(_node, _node.Policy(Policies.HrIt), "1s", "--lock-wait", "1");
        using var other = new Node();
        using (var holder = new LockHolder(_node, seconds))
        {
            long start = Stopwatch.GetTimestamp();
            ForeignChange.DeleteJump(_node);
            _node.Policy(Policies.HrItMore);
            if (seconds > 8)
            {
                daemon.WaitFor("the kernel could not be looked at or put right: cannot lock");
                daemon.WaitFor("the policy could not be put in force: cannot lock");
                string who = $"flock (pid {holder.Id}) holds it; try again when that is done";
                Assert.Contains($"{who}; tried again in ", daemon.Log, StringComparison.Ordinal);
                ProgramResult refused = Apply("1");
                Assert.Equal(1, refused.ExitCode);
                Assert.Contains("within 1 s: ", refused.Error, StringComparison.Ordinal);
                Assert.Contains(who, refused.Error, StringComparison.Ordinal);
                AssertCalm(daemon, TimeSpan.FromSeconds(seconds - 7));
                Assert.False(holder.HasEnded);
            }

            Apply("600").EnsureSuccess();
            TimeSpan applied = Stopwatch.GetElapsedTime(start);
            output.WriteLine($"apply was done {applied} after the lock was taken for {seconds} s");
            Assert.InRange(applied.TotalSeconds, seconds - 1, seconds + 5);
        }

        TimeSpan jump = daemon.Await(IsJumpFirst, "the jump");

        TimeSpan policy = jump + daemon.AwaitEntry("10.251.0.0/24");
        output.WriteLine($"the daemon's jump came {jump} later, its policy {policy}; it failed {daemon.Lines("cannot lock")} times");
        daemon.Stop();
        Assert.Equal(0, _node.Plan(Policies.HrItMore).ExitCode);
        Assert.Equal(0, other.Plan(Policies.HrIt).ExitCode);

        // In a namespace of its own, in which nobody else changes anything.
        ProgramResult Apply(string wait) => other.Exec(
            ["env", $"XTABLES_LOCKFILE={_node.LockFile}", Node.Binary, "apply", "--lock-wait", wait, other.Policy(Policies.HrIt)]);
    }

    [SkippableFact]
    public void A_clock_that_is_set_by_ten_years_disturbs_nothing()
    {
        Skip.IfNot(OtherTime.IsPossible, OtherTime.WhyNot);
        string metrics = _node.Write("metrics.prom", "");
        string socket = _node.PathOf("notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(socket));
        manager.ReceiveTimeout = (int)RunningDaemon.Patience.TotalMilliseconds;
        string[] watched = ["env", $"NOTIFY_SOCKET={socket}", "WATCHDOG_USEC=2000000"];
        using RunningDaemon daemon = RunningDaemon.Start(
            _node, watched, _node.Policy(Policies.HrIt), "1s", "--lock-wait", "1", "--metrics", metrics);
        int repairs = 0;
        foreach ((TimeSpan shift, string prefix) in new[] { (-OtherTime.Decade, "10.249.0.0/16"), (OtherTime.Decade, "10.248.0.0/16") })
        {
            using var time = new OtherTime(_node, shift);
            double before = Metrics()["isolation_last_apply_timestamp_seconds"];

            // Beginning with a failure, whose next attempt is due by that clock or another.
            using (var holder = new LockHolder(_node, 2))
            {
                ForeignChange.DeleteJump(_node);
                holder.Wait();
            }

            TimeSpan locked = daemon.Await(IsJumpFirst, "the jump");
            ForeignChange.DeleteJump(_node);
            TimeSpan jump = daemon.Await(IsJumpFirst, "the jump");
            _node.Policy(Policies.HrIt.Replace("10.250.0.0/16", prefix, StringComparison.Ordinal));
            TimeSpan policy = daemon.AwaitEntry(prefix);
            output.WriteLine($"{shift.TotalDays} days: the jump after {locked} with the lock free, and {jump}; the policy after {policy}");
            daemon.Await(() => Metrics()["isolation_last_apply_timestamp_seconds"] != before, "new metrics");
            Dictionary<string, double> now = Metrics();
            Assert.All(now, metric => Assert.True(metric.Value >= 0 && double.IsFinite(metric.Value), metric.ToString()));
            Assert.Equal(repairs += 2, now["isolation_repairs_total"]);
            Assert.InRange(now["isolation_last_apply_duration_seconds"], 0, 20);
            Assert.InRange(now["isolation_last_apply_timestamp_seconds"] - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), -60, 1);

            // What was sent before is read first.
            while (manager.Available > 0)
            {
                Receive();
            }

            Assert.Equal("WATCHDOG=1", Receive());
        }

        daemon.Stop();

        string Receive()
        {
            byte[] message = new byte[4096];
            return Encoding.UTF8.GetString(message, 0, manager.Receive(message));
        }

        Dictionary<string, double> Metrics() => File.ReadAllLines(metrics).Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => double.Parse(words[^1], CultureInfo.InvariantCulture));
    }

    /// <summary>A longer one with SOAK_SECONDS: each second the policy file changes, and something in the kernel.</summary>
    [Fact]
    public void Whatever_changes_every_second_it_does_not_grow()
    {
        int seconds = Setting("SOAK_SECONDS") ?? 15;
        string[] policies = [Policies.HrIt, Policies.HrItMore];
        using RunningDaemon daemon = RunningDaemon.Start(_node, _node.Policy(policies[0]), "1s");
        var random = new Random(2);
        long start = Stopwatch.GetTimestamp();
        int flips = 0;
        int changes = 0;
        DaemonUsage before = daemon.Usage();
        for (int second = 1; second <= seconds; second++)
        {
            // As whoever means it does: by a new file in the old one's place.
            File.Move(_node.Write("next.yaml", policies[++flips % 2]), _node.PolicyPath, overwrite: true);
            changes += TryChange(random) ? 1 : 0;
            TimeSpan rest = TimeSpan.FromSeconds(second) - Stopwatch.GetElapsedTime(start);
            Thread.Sleep(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
            if (second == seconds / 3)
            {
                before = daemon.Usage();
            }
        }

        DaemonUsage end = daemon.Usage();
        daemon.Await(() => _node.Plan(policies[flips % 2]).ExitCode == 0, "the last policy");
        daemon.Await(() => daemon.Usage().Descriptors == before.Descriptors, $"{before.Descriptors} descriptors");
        output.WriteLine(
            $"{flips} flips and {changes} foreign changes in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s; "
            + $"resident {before.Resident >> 10} kB after a third, {end.Resident >> 10} kB at the end, "
            + $"at most {end.Peak >> 10} kB; {before.Descriptors} and {end.Descriptors} descriptors; "
            + $"{daemon.Lines("in force: ")} times put in force, {daemon.Lines("put back: ")} put back, "
            + $"{end.Processor.TotalSeconds:0.0} s of processor");
        Assert.True(end.Resident - before.Resident < 3 << 20);
        Assert.True(changes > seconds / 2);
        daemon.Stop();
        Assert.Equal(0, _node.Run("plan", _node.PolicyPath).ExitCode);
    }

    /// <summary>Whether a change of the kernel came about: what the daemon changes meanwhile can be in its way.</summary>
    private bool TryChange(Random random)
    {
        try
        {
            ForeignChange.Next(_node, random);
            return true;
        }
        catch (InvalidOperationException)
        {
            _node.Exec(["ipset", "destroy", "other"]);
            _node.Exec(["ipset", "destroy", "hr"]);
            return false;
        }
    }

    /// <summary>Little is logged and next to nothing computed for a while.</summary>
    private void AssertCalm(RunningDaemon daemon, TimeSpan time)
    {
        (int lines, TimeSpan processor) = (daemon.Lines(""), daemon.Usage().Processor);
        Thread.Sleep(time);
        lines = daemon.Lines("") - lines;
        processor = daemon.Usage().Processor - processor;
        output.WriteLine(
            $"in {time.TotalSeconds} s {lines} lines, {processor.TotalMilliseconds} ms of processor, {daemon.Usage().Resident >> 10} kB");
        Assert.InRange(lines, 0, 3 * (time.TotalSeconds + 1));
        Assert.InRange(processor / time, 0, 0.2);
    }

    private static int? Setting(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : null;

    private bool IsJumpFirst() => ForeignChange.IsJumpFirst(_node);

    private string Rules() => Reduced.Logical(_node.Rules(isInet6: false));

    private string[] BigSets() => [.. _node.SetNames().Where(name => name.StartsWith("dcos-net-big", StringComparison.Ordinal))];

    private void Subnets(int first) =>
        _node.Write("big.txt", string.Concat(Enumerable.Range(first, Many).Select(number => Subnet(number) + "\n")));

    private string Networks(bool hasBig) => _node.Policy(
        "version: 1\nnetworks:\n  small: {subnets: [10.1.0.0/16, 10.3.0.0/16]}\n" + (hasBig ? "  big: {subnets-file: big.txt}\n" : ""));

    // Every other /24, so that none can be merged.
    private static string Subnet(int number) => $"{20 + (number >> 15)}.{(number >> 7) & 255}.{(number << 1) & 255}.0/24";
}

using System.Diagnostics;
using DcosIsolation.Lab;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary><c>run</c>: what the daemon does when its files change, when others change the kernel, and when it is told to end.</summary>
public sealed class RunTests(ITestOutputHelper output) : IDisposable
{
    // The daemon's promise is 2 s; that a busy machine notices its end takes a while, too.
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(4);

    private readonly Node _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void It_applies_at_the_start_and_leaves_all_in_force_when_it_ends()
    {
        using RunningDaemon daemon = Start(_node.Policy(Policies.HrIt), "30s");
        string inForce = _node.Everything();

        TimeSpan took = daemon.Stop();

        Assert.True(took < s_end, $"it took {took} to end");
        Assert.Equal(inForce, _node.Everything());
        Assert.Equal(0, _node.Plan(Policies.HrIt).ExitCode);
    }

    [Fact]
    public void An_invalid_policy_at_the_start_is_an_error_and_changes_nothing()
    {
        ProgramResult result = _node.Run("run", "--policy", _node.Policy("version: 1"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("networks", result.Error, StringComparison.Ordinal);
        Assert.Empty(_node.SetNames());
    }

    [Fact]
    public void A_second_daemon_refuses_and_other_commands_warn()
    {
        string policy = _node.Policy(Policies.HrIt);
        using RunningDaemon daemon = Start(policy, "30s");

        ProgramResult second = _node.Run("run", "--policy", policy);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("another 'isolation-netlinkd run'", second.Error, StringComparison.Ordinal);
        Assert.Contains("will put its own policy back", _node.Run("apply", policy).EnsureSuccess().Error, StringComparison.Ordinal);

        daemon.Stop();
        using RunningDaemon next = Start(policy, "30s");
        Assert.False(next.HasExited);
    }

    [Fact]
    public void Its_files_are_followed_and_an_invalid_policy_leaves_what_is_in_force()
    {
        string policy = _node.Policy(Policies.HrIt.Replace("it: {subnets: [", "it: {subnets-file: it.txt, subnets: [", StringComparison.Ordinal));
        string subnets = _node.Write("it.txt", "10.77.0.0/16\n");
        using RunningDaemon daemon = Start(policy, "1h");
        Assert.Contains("10.77.0.0/16", _node.Sets(), StringComparison.Ordinal);

        // In place, by an atomic rename, and by a name that was away for a while.
        File.WriteAllText(subnets, "10.78.0.0/16\n");
        daemon.AwaitEntry("10.78.0.0/16");
        File.Move(_node.Write("new.txt", "10.79.0.0/16\n"), subnets, overwrite: true);
        daemon.AwaitEntry("10.79.0.0/16");
        File.Delete(subnets);
        daemon.WaitFor("there is no such file");
        string before = _node.Everything();
        File.WriteAllText(policy, "version: 1\nnetworks: {a: {subnets: [10.0.0.0/33]}}\n");
        daemon.WaitFor("10.0.0.0/33");
        Assert.Equal(before, _node.Everything());

        File.WriteAllText(subnets, "10.80.0.0/16\n");
        _node.Policy(Policies.HrIt.Replace("it: {subnets: [", "it: {subnets-file: it.txt, subnets: [", StringComparison.Ordinal));
        daemon.AwaitEntry("10.80.0.0/16");
        daemon.Stop();
    }

    [Fact]
    public void A_swapped_link_is_followed_as_Kubernetes_makes_it()
    {
        string mount = Path.GetDirectoryName(_node.Write("x", ""))!;
        Write("..1", "10.77.0.0/16");
        _node.Exec(["ln", "-s", "..1", $"{mount}/..data"]).EnsureSuccess();
        _node.Exec(["ln", "-s", "..data/policy.yaml", $"{mount}/policy.yaml"]).EnsureSuccess();
        ProgramResult strict = _node.Run("run", "--policy", $"{mount}/policy.yaml");
        Assert.Equal(2, strict.ExitCode);
        Assert.Contains("it is a symbolic link", strict.Error, StringComparison.Ordinal);
        using RunningDaemon daemon = Start($"{mount}/policy.yaml", "1h", "--insecure-policy-file");

        foreach (int version in new[] { 2, 3 })
        {
            Write($"..{version}", $"10.{80 + version}.0.0/16");
            _node.Exec(["ln", "-s", $"..{version}", $"{mount}/..data_tmp"]).EnsureSuccess();
            _node.Exec(["mv", "-T", $"{mount}/..data_tmp", $"{mount}/..data"]).EnsureSuccess();
            daemon.AwaitEntry($"10.{80 + version}.0.0/16");
        }

        daemon.Stop();

        void Write(string directory, string prefix)
        {
            Directory.CreateDirectory(Path.Combine(mount, directory));
            File.WriteAllText(
                Path.Combine(mount, directory, "policy.yaml"), $"version: 1\nnetworks: {{a: {{subnets: [{prefix}]}}}}\n");
        }
    }

    [Fact]
    public void A_hangup_reads_the_policy_again()
    {
        using RunningDaemon daemon = Start(_node.Policy(Policies.HrIt), "1h");

        daemon.Signal(1);

        daemon.WaitFor("reads the policy again: SIGHUP");
        daemon.Stop();
    }

    [Theory]
    [InlineData("chain-changed", "iptables-legacy -F dcos-isolation")]
    [InlineData("chain-changed", "ip6tables-legacy -D dcos-isolation 1")]
    [InlineData("chain-changed", "iptables-legacy -I dcos-isolation 2 -j ACCEPT")]
    [InlineData("jump-missing", "iptables-legacy -D FORWARD 1")]
    [InlineData("jump-not-first", "ip6tables-legacy -I FORWARD -j ACCEPT")]
    [InlineData("chain-missing", "iptables-legacy-restore")]
    [InlineData("entries-changed", "ipset flush dcos-net-hr")]
    [InlineData("entries-changed", "ipset add dcos-net-it6 fd00:99::/64")]
    [InlineData("entries-changed", "ipset del dcos-net-it 10.250.0.0/16")]
    [InlineData("entries-changed", "ipset create other hash:net; ipset add other 10.9.0.0/16; ipset swap other dcos-net-hr; ipset destroy other")]
    [InlineData("set-unused", "ipset create dcos-net-left hash:net")]
    public void What_others_change_is_put_back_within_the_interval_and_a_second(string kind, string commands)
    {
        using RunningDaemon daemon = Start(_node.Policy(Policies.HrIt), "1s");
        string inForce = Meaning();

        // Of several, the daemon may put the first back before the next; that is no reason to fail. The program alone empties the table.
        foreach (string command in commands.Split("; "))
        {
            _node.Reference(command, command.EndsWith("-restore", StringComparison.Ordinal) ? "*filter\nCOMMIT\n" : null);
        }

        long start = Stopwatch.GetTimestamp();
        daemon.WaitFor("put back: ");
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        Assert.Contains($"({kind})", daemon.Log, StringComparison.Ordinal);
        output.WriteLine($"{kind}: put back after {took.TotalSeconds:0.00} s");
        Assert.Equal(inForce, Meaning());
        daemon.Stop();
    }

    [Fact]
    public void While_another_holds_the_lock_it_tries_again_and_ends_when_told_to()
    {
        using RunningDaemon daemon = Start(_node.Policy(Policies.HrIt), "1s", "--lock-wait", "1");
        using (var holder = new LockHolder(_node, 4))
        {
            ForeignChange.DeleteJump(_node);
            daemon.WaitFor("holds it");
            holder.Wait();
        }

        daemon.WaitFor("put back: ");

        using (var holder = new LockHolder(_node, 60))
        {
            ForeignChange.DeleteJump(_node);
            Thread.Sleep(1200);
            TimeSpan took = daemon.Stop();
            Assert.True(took < s_end, $"it took {took} to end");
        }
    }

    [Fact]
    public void A_change_of_a_large_set_is_made_without_reading_it_back()
    {
        const int Count = 50_000;
        string[] lines = [.. Enumerable.Range(0, Count).Select(i => $"10.{i >> 12}.{(i >> 4) & 255}.{(i & 15) * 16}/29")];
        string subnets = _node.Write("big.txt", string.Join('\n', lines));
        string policy = _node.Policy("version: 1\nnetworks: {big: {subnets-file: big.txt}}\n");
        using RunningDaemon daemon = Start(policy, "1h");

        File.WriteAllText(subnets, string.Join('\n', lines.Skip(Count / 100)));

        daemon.WaitFor("500 entries deleted in place");
        daemon.WaitFor("49501 entries");
        daemon.Stop();
        Assert.Equal(0, _node.Run("plan", policy).ExitCode);
    }

    /// <summary>A thousand with FOREIGN_CHANGES=1000; each time one of many things that others do, and the daemon undoes.</summary>
    [Fact]
    public void Random_foreign_changes_are_all_put_back()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("FOREIGN_CHANGES"), out int wanted) ? wanted : 15;
        string policy = _node.Policy(Policies.HrItMore);
        using RunningDaemon daemon = Start(policy, "1s");
        string inForce = Meaning();
        var random = new Random(1);
        List<double> seconds = [];
        for (int i = 0; i < count; i++)
        {
            string change = ForeignChange.Next(_node, random);
            int logged = daemon.Log.Length;
            seconds.Add(daemon.Await(() => Meaning() == inForce, $"what was there before change {i}, {change}").TotalSeconds);
            if (seconds[^1] > 2)
            {
                output.WriteLine($"{change}: {seconds[^1]:0.00} s\n{daemon.Log[logged..]}");
            }
        }

        seconds.Sort();
        output.WriteLine(
            $"{count} changes put back after {seconds[count / 2]:0.00} s (median), {seconds[^1]:0.00} s at most; "
            + $"{seconds.Count(took => took > 2)} after more than the interval and a second");
        daemon.Stop();
    }

    private RunningDaemon Start(string policy, string interval, params string[] options) =>
        RunningDaemon.Start(_node, policy, interval, options);

    private string Meaning() => ForeignChange.Meaning(_node);
}

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Lab;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>
/// apply --confirm-within: what was in force comes back unless somebody confirms, whoever dies and whatever becomes of file and clock.
/// </summary>
public sealed class ConfirmTests : IDisposable
{
    private const string DigestStart = "policy digest  ";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _run = Directory.CreateTempSubdirectory("run");
    private readonly TestNetwork _network = new();
    private readonly Node _node;
    private readonly ITestOutputHelper _output;

    public ConfirmTests(ITestOutputHelper output) => (_node, _output) = (new Node(_network.Node), output);

    public void Dispose()
    {
        foreach (int helper in Helpers())
        {
            Kill(helper);
        }

        _node.Dispose();
        _network.Dispose();
        _run.Delete(recursive: true);
    }

    [Fact]
    public void What_is_confirmed_stays_and_the_helper_ends()
    {
        TestHost[] hosts = AddHosts();
        _node.Apply(Policies.HrIt);
        ProgramResult applied = ApplyMore("3s").EnsureSuccess();
        Assert.Matches(@"\nto be confirmed within [123] s with 'isolation-netlinkd confirm'; else policy [0-9a-f]{64} comes back\n", applied.Output);
        Assert.Single(Helpers());

        Assert.Equal("confirmed: what is in force stays\n", Run("confirm").EnsureSuccess().Output);

        WaitUntil(() => Helpers().Count == 0);
        Assert.Empty(_run.GetFiles());
        Thread.Sleep(TimeSpan.FromSeconds(3));
        Assert.Equal(0, Run("plan", _node.Policy(Policies.HrItMore)).ExitCode);
        AssertPackets(hosts, isMore: true);
        AssertRefused(Run("confirm"), "there is nothing to confirm");
        AssertRefused(Run("rollback"), "there is nothing to roll back");
    }

    [Fact]
    public void What_is_not_confirmed_goes_back_by_itself()
    {
        TestHost[] hosts = AddHosts();
        _node.Apply(Policies.HrIt);
        string before = Digest();
        ApplyMore("2s").EnsureSuccess();
        AssertPackets(hosts, isMore: true);

        WaitUntil(() => Helpers().Count == 0);

        Assert.Equal(before, Digest());
        AssertPackets(hosts, isMore: false);
        Assert.Empty(_run.GetFiles());
        Assert.Equal(0, Run("plan", _node.Policy(Policies.HrIt)).ExitCode);
        AssertRefused(Run("confirm"), "undone when its time was over");
    }

    [Fact]
    public void Where_nothing_was_in_force_nothing_is_again()
    {
        Assert.Matches("else no policy at all comes back", ApplyMore("60s").EnsureSuccess().Output);

        Assert.StartsWith("rolled back: no policy at all is in force again\n", Run("rollback").EnsureSuccess().Output, StringComparison.Ordinal);

        Assert.Empty(_node.SetNames());
        Assert.DoesNotContain("dcos", _node.Rules(isInet6: false) + _node.Rules(isInet6: true), StringComparison.Ordinal);
        WaitUntil(() => Helpers().Count == 0);
    }

    [Fact]
    public void Rules_of_the_operators_and_of_others_come_back_as_they_were()
    {
        _node.Apply(Policies.HrIt + "rules: {first: [-s @hr -p tcp --dport 22 -j ACCEPT], last: [-p udp -m limit --limit 3/sec -j RETURN]}\nlog-denied: {prefix: \"no \"}\n");
        _node.Reference("iptables-legacy -I dcos-isolation 2 -p sctp -m comment --comment mine -j DROP");
        string before = WithoutTime(false) + WithoutTime(true) + Reduced.Family(_node.Rules(false), _node.Sets());
        ApplyMore("60s").EnsureSuccess();
        Assert.DoesNotContain("-p sctp", _node.Rules(isInet6: false), StringComparison.Ordinal);

        Run("rollback").EnsureSuccess();

        Assert.Equal(before, WithoutTime(false) + WithoutTime(true) + Reduced.Family(_node.Rules(false), _node.Sets()));
    }

    [Fact]
    public void What_cannot_be_put_back_is_refused_before_anything_is_written()
    {
        _node.Apply(Policies.HrIt);
        _node.Reference("iptables-legacy -I FORWARD -i lo -j ACCEPT");
        string before = _node.Everything();

        AssertRefused(ApplyMore("60s"), "could not be put back exactly: rule 2 of FORWARD of IPv4");

        Assert.Equal(before, _node.Everything());
        Assert.Empty(_run.GetFiles());
        _node.Apply(Policies.HrIt);
        ApplyMore("60s").EnsureSuccess();
    }

    [Fact]
    public void While_one_waits_another_apply_is_refused_and_show_and_plan_say_so()
    {
        _node.Apply(Policies.HrIt);
        string digest = Run("show").EnsureSuccess().Output.Split('\n')[0][DigestStart.Length..].Split(',')[0];
        ApplyMore("60s").EnsureSuccess();
        string before = _node.Everything();

        AssertRefused(Run("apply", _node.Policy(Policies.HrIt)), "waits", "'isolation-netlinkd confirm'", "'isolation-netlinkd rollback'", "Nothing was changed");
        AssertRefused(Run("apply", "--confirm-within", "5s", _node.Policy(Policies.HrIt)), "waits");
        AssertRefused(Run("run", "--policy", _node.Policy(Policies.HrIt)), "waits");

        Assert.Equal(before, _node.Everything());
        Assert.Contains("\nto be confirmed within ", Run("show").EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.Contains("waits", Run("plan", _node.Policy(Policies.HrIt)).Error, StringComparison.Ordinal);
        using JsonDocument show = JsonDocument.Parse(Run("show", "--json").EnsureSuccess().Output);
        JsonElement pending = show.RootElement.GetProperty("pending");
        Assert.InRange(pending.GetProperty("secondsLeft").GetInt32(), 1, 60);
        Assert.Equal(digest, pending.GetProperty("policyDigestBefore").GetString());
    }

    [Fact]
    public void Nothing_to_change_is_nothing_to_confirm()
    {
        _node.Apply(Policies.HrItMore);
        Assert.StartsWith("nothing to do", ApplyMore("60s").EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.Empty(_run.GetFiles());
        Assert.Empty(Helpers());
    }

    [Fact]
    public void Remove_takes_what_waits_away_too()
    {
        _node.Apply(Policies.HrIt);
        ApplyMore("60s").EnsureSuccess();

        Run("remove").EnsureSuccess();

        WaitUntil(() => Helpers().Count == 0);
        Assert.Empty(_run.GetFiles());
        Assert.Empty(_node.SetNames());
    }

    [Theory]
    [InlineData("show")]
    [InlineData("apply")]
    [InlineData("confirm")]
    public void When_the_helper_was_killed_the_next_command_undoes(string command)
    {
        _node.Apply(Policies.HrIt);
        string before = Digest();
        ApplyMore("1s").EnsureSuccess();
        Kill(Assert.Single(Helpers()));
        Thread.Sleep(TimeSpan.FromSeconds(1.1));
        Assert.NotEqual(before, Digest());

        string[] arguments = command == "apply" ? [command, _node.Policy(Policies.HrIt)] : [command];
        ProgramResult result = Run(arguments);

        Assert.Equal(command == "confirm" ? 1 : 0, result.ExitCode);
        Assert.Contains(command == "confirm" ? "too late" : "was not confirmed in time, and was undone: policy ", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, Digest());
        Assert.Empty(_run.GetFiles());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void When_apply_is_killed_after_the_switch_it_is_undone_all_the_same(bool helperToo)
    {
        _node.Apply(Policies.HrIt);
        string before = Digest();

        // The pipe for its report is full, so that it waits there, switched and with the lock held.
        using RunningProgram apply = _node.Space.Start(
            "env",
            [
                $"RUNTIME_DIRECTORY={_run.FullName}", "sh", "-c", "(dd if=/dev/zero bs=64k count=1 2>/dev/null; exec \"$@\") | sleep 600", "sh",
                .. _node.Netlinkd("apply", "--confirm-within", "2s", _node.Policy(Policies.HrItMore)),
            ]);
        WaitUntil(() => Helpers().Count == 1 && Digest() != before);
        int helper = Helpers()[0];
        int own = Assert.Single(Processes(id => id != helper && Says(id, "cmdline", "\0apply\0") && Says(id, "comm", "isolation-netli")));
        if (helperToo)
        {
            Kill(helper);
        }

        Kill(own);
        if (helperToo)
        {
            Thread.Sleep(TimeSpan.FromSeconds(2));
            Assert.NotEqual(before, Digest());
            Run("show").EnsureSuccess();
        }

        WaitUntil(() => Helpers().Count == 0);
        Assert.Equal(before, Digest());
        Assert.Empty(_run.GetFiles());
    }

    [Fact]
    public void Wherever_apply_is_killed_there_is_what_undoes_it_if_there_is_anything_to_undo()
    {
        const int Kills = 12;
        _node.Apply(Policies.HrIt);
        string before = Digest();
        long start = Stopwatch.GetTimestamp();
        ApplyMore("60s").EnsureSuccess();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Run("rollback").EnsureSuccess();
        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int kill = 0; kill < Kills; kill++)
        {
            string delay = (seconds * (0.4 + (0.6 * kill / Kills))).ToString("0.0000", CultureInfo.InvariantCulture);
            Exec(["timeout", "--foreground", "--signal=KILL", delay, .. _node.Netlinkd("apply", "--confirm-within", "60s", _node.Policy(Policies.HrItMore))]);
            bool isPending = _run.GetFiles("pending-*").Any(file => file.Extension != ".new");
            bool isOld = Digest() == before;
            string key = $"{(isOld ? "old" : "new")}{(isPending ? ", pending" : "")}";
            found[key] = found.GetValueOrDefault(key) + 1;
            Assert.True(isOld || isPending, "switched, and nothing would undo it");
            Assert.Equal(isPending ? 0 : 1, Run("rollback").ExitCode);
            Assert.Equal(before, Digest());
        }

        _output.WriteLine(string.Join(", ", found));
        WaitUntil(() => Helpers().Count == 0);
    }

    [Fact]
    public void A_full_disk_is_refused_before_anything_is_written()
    {
        _node.Apply(Policies.HrIt);
        string before = _node.Everything();
        string fill = $"mount -t tmpfs -o size=16k,nr_inodes=8 tiny {_run.FullName} && dd if=/dev/zero of={_run.FullName}/full bs=4k count=9 2>/dev/null; "
            + $"\"$@\"; code=$?; ls {_run.FullName}; exit $code";

        ProgramResult result = Exec(
            ["unshare", "--mount", "sh", "-c", fill, "sh", .. _node.Netlinkd("apply", "--confirm-within", "60s", _node.Policy(Policies.HrItMore))]);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("full\n", result.Output);
        Assert.Contains("cannot be written: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("No space left on device", result.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, _node.Everything());
        Assert.Empty(Helpers());
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named_and_nothing_is_put_back_from_it()
    {
        _node.Apply(Policies.HrIt);
        ApplyMore("1s").EnsureSuccess();
        Kill(Assert.Single(Helpers()));
        string file = Assert.Single(_run.GetFiles()).FullName;
        byte[] bytes = File.ReadAllBytes(file);
        Thread.Sleep(TimeSpan.FromSeconds(1));
        string before = _node.Everything();
        byte[] later = [.. bytes];
        BinaryPrimitives.WriteInt32LittleEndian(later.AsSpan(8), 2);
        foreach ((string damage, byte[] content) in new[] { ("torn", bytes[..^100]), ("version 2", later), ("damaged", [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]) })
        {
            File.WriteAllBytes(file, content);
            AssertRefused(Run("rollback"), file, damage, "remove that file");
            ProgramResult show = Run("show").EnsureSuccess();
            Assert.Contains(file, show.Error, StringComparison.Ordinal);
            Assert.Contains("dcos-net-it", show.Output, StringComparison.Ordinal);
        }

        AssertRefused(Run("confirm"), file, "damaged", "remove that file");
        AssertRefused(Run("apply", "--confirm-within", "5s", _node.Policy(Policies.HrIt)), file, "nothing was changed");
        Assert.Equal(before, _node.Everything());
        Assert.Contains("applied", Run("apply", _node.Policy(Policies.HrIt)).EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public void A_file_of_another_boot_or_of_a_namespace_that_is_gone_means_nothing()
    {
        _node.Apply(Policies.HrIt);
        ApplyMore("60s").EnsureSuccess();
        string file = Assert.Single(_run.GetFiles()).FullName;
        PendingSwitch pending = PendingFormat.Read(File.ReadAllBytes(file));
        string before = Digest();
        foreach (PendingSwitch other in new[] { pending with { Boot = Guid.NewGuid() }, pending with { NetworkNamespace = 12345 } })
        {
            File.WriteAllBytes(file, PendingFormat.Write(other));
            Assert.Contains($"removed {file}: it was left by another boot", Run("show").EnsureSuccess().Error, StringComparison.Ordinal);
            Assert.Equal(before, Digest());
            Assert.Empty(_run.GetFiles());
        }
    }

    [SkippableFact]
    public void A_clock_that_is_set_back_ten_years_changes_nothing()
    {
        Skip.IfNot(OtherTime.IsPossible, OtherTime.WhyNot);
        _node.Apply(Policies.HrIt);
        string before = Digest();
        ApplyMore("4s").EnsureSuccess();
        long start = Stopwatch.GetTimestamp();
        using (new OtherTime(_node, -OtherTime.Decade))
        {
            Assert.Contains("to be confirmed within", Run("show").EnsureSuccess().Output, StringComparison.Ordinal);
            WaitUntil(() => Helpers().Count == 0);
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 1, 20);
        }

        Assert.Equal(before, Digest());
    }

    [Fact]
    public void Two_namespaces_do_not_know_of_each_other()
    {
        using var other = new Node();
        _node.Apply(Policies.HrIt);
        string before = Digest();
        ApplyMore("60s").EnsureSuccess();
        ProgramResult refused = other.Exec(["env", $"RUNTIME_DIRECTORY={_run.FullName}", .. other.Netlinkd("confirm")]);
        AssertRefused(refused, "there is nothing to confirm");
        other.Exec(["env", $"RUNTIME_DIRECTORY={_run.FullName}", .. other.Netlinkd("apply", "--confirm-within", "60s", other.Policy(Policies.HrIt))])
            .EnsureSuccess();
        Assert.Equal(2, _run.GetFiles().Length);

        other.Exec(["env", $"RUNTIME_DIRECTORY={_run.FullName}", .. other.Netlinkd("confirm")]).EnsureSuccess();
        Run("rollback").EnsureSuccess();

        Assert.Equal(before, Digest());
        Assert.NotEmpty(other.SetNames());
        WaitUntil(() => Helpers().Count == 0);
    }

    [Fact]
    public void The_helper_holds_no_file_and_no_directory_of_whoever_started_it()
    {
        ApplyMore("60s", ["sh", "-c", $"exec 9>{_run.FullName}/../{_run.Name}.held; cd {_run.FullName}; exec \"$@\"", "sh"]).EnsureSuccess();
        File.Delete($"{_run.FullName}.held");
        int helper = Assert.Single(Helpers());

        WaitUntil(() => new FileInfo($"/proc/{helper}/cwd").LinkTarget == "/");
        string[] files = [.. Directory.GetFileSystemEntries($"/proc/{helper}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "")];
        Assert.All(Enumerable.Range(0, 3), fd => Assert.Equal("/dev/null", new FileInfo($"/proc/{helper}/fd/{fd}").LinkTarget));
        Assert.DoesNotContain(files, file => file.Contains(".held", StringComparison.Ordinal) || file.Contains("xtables.lock", StringComparison.Ordinal));
        Assert.Equal($"{helper}", File.ReadAllText($"/proc/{helper}/stat").Split(' ')[5]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Assert.Single(_run.GetFiles()).UnixFileMode);
    }

    private static void AssertRefused(ProgramResult result, params string[] texts)
    {
        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.All(texts, text => Assert.Contains(text, result.Error, StringComparison.Ordinal));
    }

    // hr may ask it's port 80 in both policies; 10.251.0.0/24 is it's in the second alone, and answers nobody else then.
    private static void AssertPackets(TestHost[] hosts, bool isMore)
    {
        const AddressFamily Inet = AddressFamily.InterNetwork;
        Assert.Equal(Outcome.Reached, Probe.Send(hosts[0], hosts[1], Inet, Traffic.Tcp(80)));
        Assert.Equal(isMore ? Outcome.Rejected : Outcome.Reached, Probe.Send(hosts[0], hosts[2], Inet, Traffic.Tcp(22)));
    }

    private static void WaitUntil(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < s_deadline, "it did not happen");
            Thread.Sleep(20);
        }
    }

    private TestHost[] AddHosts() =>
    [
        _network.AddHost("hr", "192.168.1.10/24"),
        _network.AddHost("it", "10.250.1.10/24").ListenTcp(80, 22),
        _network.AddHost("more", "10.251.0.10/24").ListenTcp(22),
    ];

    private ProgramResult ApplyMore(string within, params string[] through) =>
        Exec([.. through, .. _node.Netlinkd("apply", "--confirm-within", within, _node.Policy(Policies.HrItMore))]);

    private ProgramResult Run(params string[] arguments) => Exec(_node.Netlinkd(arguments));

    private ProgramResult Exec(string[] command) => _node.Exec(["env", $"RUNTIME_DIRECTORY={_run.FullName}", .. command]);

    private string WithoutTime(bool isInet6) => string.Join(
        '\n',
        _node.Rules(isInet6).Split('\n').Where(line => line.Contains("dcos", StringComparison.Ordinal))
            .Select(line => System.Text.RegularExpressions.Regex.Replace(line, @"^\[\d+:\d+\] | applied [^""]*|(?<=dcos-[a-z0-9-]+)[+=]", "")));

    private string Digest() => _node.Space.Run(() =>
    {
        using KernelDataplane dataplane = KernelDataplane.Open(NullLogger.Instance);
        return StateDigest.Of(dataplane.Read(ImmutableHashSet<Family>.Empty));
    });

    /// <summary>The helpers that this test's commands started.</summary>
    private List<int> Helpers() => Processes(id => Says(id, "cmdline", RollbackHelper.Command));

    /// <summary>Processes of this test's commands.</summary>
    private List<int> Processes(Func<int, bool> isWanted)
    {
        List<int> found = [];
        foreach (string process in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int id) && isWanted(id) && Says(id, "environ", _run.FullName))
            {
                found.Add(id);
            }
        }

        return found;
    }

    private static bool Says(int id, string file, string text)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}").Contains(text, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return false;
        }
    }

    private static void Kill(int id)
    {
        using Process process = Process.GetProcessById(id);
        process.Kill();
    }
}

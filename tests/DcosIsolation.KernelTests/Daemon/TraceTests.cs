using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using DcosIsolation.Lab;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>trace: its rules count and log real packets of the pair, and go away again, however the trace ends.</summary>
public sealed class TraceTests : IDisposable
{
    private const int SigHup = 1, SigInt = 2, SigKill = 9, SigTerm = 15;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly TestNetwork _network = new();
    private readonly Node _node;

    public TraceTests() => _node = new Node(_network.Node);

    public void Dispose()
    {
        _node.Dispose();
        _network.Dispose();
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public void Packets_of_the_pair_alone_are_counted_and_foreign_rules_stay_with_their_counters(AddressFamily family)
    {
        (TestHost hr, TestHost it) = AddHosts();
        TestHost other = _network.AddHost("other", "10.99.1.10/24", "fd00:3::1:10/112");
        LoadForeignRules(family);
        string foreign = Raw(family);

        using RunningProgram trace = Start($"{hr.Address(family)}", $"{it.Address(family)}");
        Ping(family, hr, it, times: 3);
        Ping(family, it, hr, times: 2);
        Ping(family, hr, other, times: 1);

        string rule = Assert.Single(TraceRules(family));
        Assert.Equal($"-s {hr.Address(family)}/{Bits(family)} -d {it.Address(family)}/{Bits(family)} -j TRACE", rule);
        Assert.Equal(foreign, Raw(family));
        trace.Signal(SigInt);
        ProgramResult result = trace.WaitForExit(s_deadline).EnsureSuccess();

        // Three echo requests and two replies.
        Assert.Equal(Traced(family, 5, hr, it), result.Output);
        Assert.Empty(TraceRules(family));
        Assert.Equal(foreign, Raw(family));
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public void Replies_are_traced_where_that_is_wanted(AddressFamily family)
    {
        (TestHost hr, TestHost it) = AddHosts();

        using RunningProgram trace = Start("--replies", "--json", $"{hr.Address(family)}", $"{it.Address(family)}");
        Ping(family, hr, it, times: 2);
        trace.Signal(SigTerm);

        using JsonDocument json = JsonDocument.Parse(trace.WaitForExit(s_deadline).EnsureSuccess().Output);
        Assert.Equal(
            [$"{hr.Address(family)}/{Bits(family)} 2", $"{it.Address(family)}/{Bits(family)} 2"],
            json.RootElement.GetProperty("traced").EnumerateArray()
                .Select(pair => $"{pair.GetProperty("source")} {pair.GetProperty("packets")}"));
        Assert.Empty(TraceRules(family));
    }

    [Theory]
    [InlineData(SigInt)]
    [InlineData(SigTerm)]
    [InlineData(SigHup)]
    public void A_signal_ends_it_early_and_well(int signal)
    {
        (TestHost hr, TestHost it) = AddHosts();

        using RunningProgram trace = Start("--for", "24h", "192.168.0.0/16", "10.250.0.0/16");
        Ping(AddressFamily.InterNetwork, hr, it, times: 1);
        trace.Signal(signal);

        ProgramResult result = trace.WaitForExit(s_deadline);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("1 packet traced from 192.168.0.0/16 to 10.250.0.0/16, ", result.Output, StringComparison.Ordinal);
        Assert.Empty(TraceRules(AddressFamily.InterNetwork));
    }

    [Fact]
    public void The_time_ends_it()
    {
        long start = Stopwatch.GetTimestamp();

        ProgramResult result = _node.Run("trace", "--for", "2s", "10.0.0.3", "10.0.0.4").EnsureSuccess();

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(2), s_deadline);
        Assert.Equal("0 packets traced from 10.0.0.3/32 to 10.0.0.4/32, 0 bytes\n", result.Output);
        Assert.Empty(TraceRules(AddressFamily.InterNetwork));
    }

    [Fact]
    public void Two_traces_of_one_pair_do_not_touch_each_other()
    {
        (TestHost hr, TestHost it) = AddHosts();
        const AddressFamily Family = AddressFamily.InterNetwork;

        using RunningProgram first = Start($"{hr.IPv4}", $"{it.IPv4}");
        Ping(Family, hr, it, times: 1);
        using RunningProgram second = Start($"{hr.IPv4}", $"{it.IPv4}");
        Ping(Family, hr, it, times: 1);
        first.Signal(SigInt);
        Assert.Equal(Traced(Family, 2, hr, it), first.WaitForExit(s_deadline).EnsureSuccess().Output);
        Assert.Single(TraceRules(Family));
        Ping(Family, hr, it, times: 1);
        second.Signal(SigInt);

        Assert.Equal(Traced(Family, 2, hr, it), second.WaitForExit(s_deadline).EnsureSuccess().Output);
        Assert.Empty(TraceRules(Family));
    }

    [Theory]
    [InlineData("show")]
    [InlineData("plan")]
    [InlineData("apply")]
    [InlineData("remove")]
    [InlineData("trace")]
    public void What_a_killed_trace_left_goes_with_the_next_command_and_what_is_alive_stays(string command)
    {
        LoadForeignRules(AddressFamily.InterNetwork);
        string foreign = Raw(AddressFamily.InterNetwork);
        using RunningProgram alive = Start("10.0.0.1", "10.0.0.2");
        using (RunningProgram killed = Start("--replies", "10.0.0.3", "10.0.0.4"), killed6 = Start("--replies", "fd00::3", "fd00::4"))
        {
            killed.Signal(SigKill);
            killed6.Signal(SigKill);
            killed.WaitForExit(s_deadline);
            killed6.WaitForExit(s_deadline);
        }

        Assert.Equal(3, TraceRules(AddressFamily.InterNetwork).Length);
        Assert.Equal(2, TraceRules(AddressFamily.InterNetworkV6).Length);
        string[] arguments = command switch
        {
            "plan" or "apply" => [command, _node.Policy(Policies.HrIt)],
            "trace" => [command, "--for", "1s", "10.0.0.5", "10.0.0.6"],
            _ => [command],
        };

        ProgramResult result = _node.Run(arguments);

        Assert.Equal(command == "plan" ? 3 : 0, result.ExitCode);
        Assert.Contains("took 2 rules of a trace that was killed out of the IPv4 table raw\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("took 2 rules of a trace that was killed out of the IPv6 table raw\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(command == "remove", result.Error.Contains("keeps the rules of 1 running trace", StringComparison.Ordinal));
        Assert.StartsWith("-s 10.0.0.1/32", Assert.Single(TraceRules(AddressFamily.InterNetwork)), StringComparison.Ordinal);
        Assert.Empty(TraceRules(AddressFamily.InterNetworkV6));
        Assert.DoesNotContain("killed", _node.Run("show").EnsureSuccess().Error, StringComparison.Ordinal);
        alive.Signal(SigInt);
        alive.WaitForExit(s_deadline).EnsureSuccess();
        Assert.Empty(TraceRules(AddressFamily.InterNetwork));
        Assert.Equal(foreign, Raw(AddressFamily.InterNetwork));
    }

    [Fact]
    public void While_the_lock_is_held_show_leaves_leftovers_to_the_next()
    {
        using (RunningProgram killed = Start("10.0.0.3", "10.0.0.4"))
        {
            killed.Signal(SigKill);
            killed.WaitForExit(s_deadline);
        }

        using (XtablesLock.Acquire(s_deadline, _node.LockFile))
        {
            Assert.Empty(_node.Run("show").EnsureSuccess().Error);
            Assert.Single(TraceRules(AddressFamily.InterNetwork));
        }

        Assert.Contains("killed", _node.Run("show").EnsureSuccess().Error, StringComparison.Ordinal);
        Assert.Empty(TraceRules(AddressFamily.InterNetwork));
    }

    [Fact]
    public void Rules_that_someone_took_away_are_missed()
    {
        using RunningProgram trace = Start("10.0.0.3", "10.0.0.4");
        _node.Reference("iptables-legacy -t raw -F");
        trace.Signal(SigInt);

        ProgramResult result = trace.WaitForExit(s_deadline);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("someone took rules of the trace out of the table raw", result.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Only_a_trace_makes_the_table_raw()
    {
        Skip.If(Tables().Contains("raw"), "before 5.15 every namespace has every table");
        _node.Apply(Policies.HrIt);
        _node.Run("show").EnsureSuccess();
        _node.Run("remove").EnsureSuccess();
        Assert.DoesNotContain("raw", Tables());

        _node.Run("trace", "--for", "1s", "10.0.0.3", "10.0.0.4").EnsureSuccess();

        Assert.Contains("raw", Tables());

        string[] Tables() => _network.Node.Run(() => File.ReadAllLines("/proc/thread-self/net/ip_tables_names"));
    }

    [Fact]
    public void Without_a_bound_logger_the_rules_are_placed_with_a_warning()
    {
        using (RunningProgram first = Start("10.0.0.3", "10.0.0.4"))
        {
            first.Signal(SigInt);
            string guide = first.WaitForExit(s_deadline).EnsureSuccess().Error;
            Assert.Contains("\nread it in the kernel's log: ", guide, StringComparison.Ordinal);
        }

        _network.Node.Sysctl("netfilter/nf_log/2", "NONE");
        using RunningProgram trace = Start("10.0.0.3", "10.0.0.4");

        Assert.Single(TraceRules(AddressFamily.InterNetwork));
        trace.Signal(SigInt);
        string error = trace.WaitForExit(s_deadline).EnsureSuccess().Error;
        Assert.Contains("no logger is bound to IPv4 here", error, StringComparison.Ordinal);
        Assert.Contains("sysctl net.netfilter.nf_log.2=nf_log_ipv4", error, StringComparison.Ordinal);
        Assert.DoesNotContain("read it", error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public void The_kernel_logs_the_way_of_the_packet_through_the_rules(AddressFamily family)
    {
        using KernelLog? log = KernelLog.Open();
        Skip.If(log is null, "needs the initial network namespace");
        (TestHost hr, TestHost it) = AddHosts();
        _node.Apply(Policies.HrIt);
        using (RunningProgram trace = Start($"{hr.Address(family)}", $"{it.Address(family)}"))
        {
            Assert.Equal(Outcome.Rejected, Probe.Send(hr, it, family, Traffic.Udp(53)));
            trace.Signal(SigInt);
            trace.WaitForExit(s_deadline).EnsureSuccess();
        }

        // The log spells IPv6 addresses out.
        string[] lines = [.. KernelLog.Lines(_node)
            .Where(line => line.Contains("TRACE: ", StringComparison.Ordinal) && line.Contains("DPT=53 ", StringComparison.Ordinal)
                && line.Contains("SRC=fd00:", StringComparison.Ordinal) == (family == AddressFamily.InterNetworkV6))];
        Assert.Contains(lines, line => line.Contains("TRACE: raw:PREROUTING:policy:2 ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("TRACE: filter:FORWARD:rule:1 ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("TRACE: filter:dcos-isolation:rule:", StringComparison.Ordinal));
    }

    private static int Bits(AddressFamily family) => family == AddressFamily.InterNetwork ? 32 : 128;

    private static string Traced(AddressFamily family, int packets, TestHost from, TestHost to)
    {
        // An echo request with a token, behind the IP header.
        int length = (family == AddressFamily.InterNetwork ? 20 : 40) + 8 + 16;
        string pair = $"from {from.Address(family)}/{Bits(family)} to {to.Address(family)}/{Bits(family)}";
        return $"{packets} packets traced {pair}, {packets * length} bytes\n";
    }

    private static void Ping(AddressFamily family, TestHost from, TestHost to, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Assert.Equal(Outcome.Reached, Probe.Send(from, to, family, Traffic.Icmp));
        }
    }

    private (TestHost Hr, TestHost It) AddHosts() =>
        (_network.AddHost("hr", "192.168.1.10/24", "fd00:1::1:10/112"), _network.AddHost("it", "10.250.1.10/24", "fd00:2::1:10/112"));

    /// <summary>Starts a trace whose rules are in force when this returns.</summary>
    private RunningProgram Start(params string[] arguments)
    {
        string[] command = _node.Netlinkd(["trace", .. arguments]);
        RunningProgram trace = _node.Space.Start(command[0], command[1..]);
        trace.WaitForOutput("tracing ", s_deadline);
        return trace;
    }

    private void LoadForeignRules(AddressFamily family)
    {
        string net = family == AddressFamily.InterNetwork ? "192.0.2.0/24" : "2001:db8::/32";
        _node.Reference($"{Program(family)}-restore -c", $"""
            *raw
            :PREROUTING ACCEPT [11:22]
            :OUTPUT ACCEPT [33:44]
            :foreign - [0:0]
            [1:100] -A PREROUTING -s {net} -m comment --comment "dcos-isolation trace not one" -j foreign
            [2:200] -A PREROUTING -s {net} -j TRACE
            [3:300] -A OUTPUT -d {net} -j CT --notrack
            [4:400] -A foreign -m mark --mark 0x1/0xff -j RETURN
            COMMIT

            """);
    }

    /// <summary>The table without what is a trace's, and without the policies' counters, which count packets.</summary>
    private string Raw(AddressFamily family) => string.Join(
        '\n',
        _node.Reference($"{Program(family)}-save -c -t raw").Split('\n')
            .Where(line => !line.StartsWith('#')
                && !(line.Contains("--comment", StringComparison.Ordinal) && line.EndsWith("-j TRACE", StringComparison.Ordinal)))
            .Select(line => line.StartsWith(':') ? line.Split('[')[0] : line));

    /// <summary>The rules of traces, which come first, without their comments.</summary>
    private string[] TraceRules(AddressFamily family) =>
    [
        .. _node.Reference($"{Program(family)}-save -t raw").Split('\n')
            .Where(line => line.StartsWith("-A PREROUTING ", StringComparison.Ordinal))
            .Select(line => line.Split([" -m comment --comment \"dcos-isolation trace ", "\" "], StringSplitOptions.None))
            .TakeWhile(parts => parts is [_, _, "-j TRACE"])
            .Select(parts => $"{parts[0]["-A PREROUTING ".Length..]} {parts[2]}"),
    ];

    private static string Program(AddressFamily family) => family == AddressFamily.InterNetwork ? "iptables-legacy" : "ip6tables-legacy";
}

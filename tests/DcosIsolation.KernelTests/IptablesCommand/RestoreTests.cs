using DcosIsolation.KernelTests.Daemon;
using DcosIsolation.Lab;
using DcosIsolation.Netlink.Xtables;
using Xunit;
using static DcosIsolation.KernelTests.IptablesCommand.Rules;

namespace DcosIsolation.KernelTests.IptablesCommand;

/// <summary>iptables-restore of the binary does what iptables-legacy-restore does, to all tables or to none.</summary>
public sealed class RestoreTests
{
    private const string Before = """
        *filter
        :INPUT ACCEPT [5:6]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :kept - [0:0]
        [1:2] -A INPUT -s 10.0.0.1/32 -j kept
        [3:4] -A INPUT -s 10.0.0.2/32 -m limit --limit 5/min -j DROP
        [5:6] -A INPUT -s 10.0.0.3/32 -j ACCEPT
        [7:8] -A kept -j RETURN
        COMMIT

        """;

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_table_is_restored_as_the_peer_restores_it(bool isInet6)
    {
        using var ours = new Node();
        using var theirs = new Node();
        string all = All(theirs, isInet6);
        ours.Exec(["ipset", "create", "s", "hash:net", "family", isInet6 ? "inet6" : "inet"]).EnsureSuccess();
        foreach (string[] arguments in (string[][])[["-c"], [], ["-c", "-T", "filter"], ["--counters", "--noflush"]])
        {
            Ours(ours, isInet6, "restore", arguments, all).EnsureSuccess();
            Peer(theirs, isInet6, "restore", arguments, all).EnsureSuccess();
            Assert.Equal(State(theirs, isInet6), State(ours, isInet6));
        }
    }

    [SkippableTheory]
    [InlineData(false, 20_000)]
    [InlineData(true, 2_000)]
    public void Many_rules_make_the_round_trip(bool isInet6, int count)
    {
        using var node = new Node();
        string text = Filter(node, isInet6, count);
        Peer(node, isInet6, "restore", ["-c"], text).EnsureSuccess();
        string saved = Peer(node, isInet6, "save", ["-c"]).EnsureSuccess().Output;
        Assert.True(saved.Split('\n').Length > count);
        Peer(node, isInet6, "restore", [], "*filter\nCOMMIT\n").EnsureSuccess();

        Ours(node, isInet6, "restore", ["-c"], saved).EnsureSuccess();
        Assert.Equal(WithoutComments(saved), State(node, isInet6));
        Assert.Equal(WithoutComments(saved), WithoutComments(Ours(node, isInet6, "save", ["-c"]).EnsureSuccess().Output));
    }

    [SkippableTheory]
    [InlineData("-A INPUT -s 10.0.0.4/32,10.0.0.5/32 -j DROP")]
    [InlineData("[9:10] -A INPUT -s 10.0.0.4/32 -j DROP")]
    [InlineData("-A INPUT -s 10.0.0.4/32 -j DROP -c 11 12")]
    [InlineData("--append INPUT --jump kept")]
    [InlineData("-I INPUT -s 10.0.0.4/32,10.0.0.5/32 -j DROP")]
    [InlineData("-I INPUT 3 -j DROP")]
    [InlineData("-I INPUT 4 -j DROP")]
    [InlineData("--insert INPUT 2 -j DROP")]
    [InlineData("-R INPUT 2 -j DROP")]
    [InlineData("-R INPUT 3 -s 10.0.0.1 -g kept")]
    [InlineData("-D INPUT -s 10.0.0.2/32 -m limit --limit 5/min -j DROP")]
    [InlineData("-D INPUT -s 10.0.0.1 -j kept")]
    [InlineData("--delete INPUT 1")]
    [InlineData("-C INPUT -s 10.0.0.2/32 -m limit --limit 5/min -j DROP")]
    [InlineData("-N new\n-A new -j DROP\n-A INPUT -j new")]
    [InlineData(":new - [0:0]\n-A INPUT -g new")]
    [InlineData(":kept - [0:0]\n-A kept -j DROP")]
    [InlineData("-F kept")]
    [InlineData("-F")]
    [InlineData("-F INPUT\n-F kept\n-X kept")]
    [InlineData("-F\n-X")]
    [InlineData("-E kept moved\n-A moved -j DROP")]
    [InlineData(":INPUT DROP [70:80]")]
    [InlineData("-P OUTPUT DROP\n-P INPUT ACCEPT -c 3 4\n:FORWARD DROP [1:2]")]
    [InlineData("-Z INPUT 2\n:INPUT ACCEPT [5:6]")]
    [InlineData("-4 -A INPUT -j DROP\n-6 -A INPUT -j DROP\n-A INPUT -6 -j DROP\n-A INPUT -4 -j RETURN")]
    [InlineData("# a comment\n\n-p tcp --protocol tcp -A INPUT", 2)]
    [InlineData("-p tcp -A INPUT --dport 80")]
    [InlineData("-A INPUT -j nothing", 2)]
    [InlineData("-A INPUT -g nothing", 2)]
    [InlineData("-A nothing -j DROP", 1)]
    [InlineData("-A INPUT -j FORWARD", 1)]
    [InlineData("-A INPUT -m nothing -j DROP", 2)]
    [InlineData("-A INPUT -o eth0 -j DROP", 2)]
    [InlineData("-A OUTPUT -i eth0 -j DROP", 2)]
    [InlineData("-A INPUT --dport 80 -j DROP", 2)]
    [InlineData("-A INPUT -s 10.0.0.300 -j DROP", 2)]
    [InlineData("-A INPUT -t filter -j DROP", 2)]
    [InlineData("-A INPUT -j DROP -D INPUT 1", 2)]
    [InlineData("-A abcdefghijklmnopqrstuvwxyz12345 -j DROP", 2)]
    [InlineData(":abcdefghijklmnopqrstuvwxyz12345 - [0:0]", 2)]
    [InlineData("-I INPUT 5 -j DROP", 1)]
    [InlineData("-R INPUT 4 -j DROP", 1)]
    [InlineData("-R INPUT 1 -s 10.0.0.1,10.0.0.2 -j DROP", 2)]
    [InlineData("-R INPUT -j DROP", 2)]
    [InlineData("-D INPUT 4", 1)]
    [InlineData("-D INPUT -s 10.0.0.9 -j DROP", 1)]
    [InlineData("-C INPUT -s 10.0.0.9 -j DROP", 1)]
    [InlineData("-Z INPUT 4", 1)]
    [InlineData("-F nothing", 1)]
    [InlineData("-X", 1)]
    [InlineData("-X kept", 1)]
    [InlineData("-X INPUT", 1)]
    [InlineData("-N kept", 1)]
    [InlineData("-N ACCEPT", 2)]
    [InlineData("-N -x", 2)]
    [InlineData("-N abcdefghijklmnopqrstuvwxyz12345", 2)]
    [InlineData("-E kept INPUT", 1)]
    [InlineData("-E nothing moved", 1)]
    [InlineData("-P INPUT REJECT", 1)]
    [InlineData("-P kept DROP", 1)]
    [InlineData(":kept DROP [0:0]", 1)]
    [InlineData(":INPUT", 2)]
    [InlineData(":", 2)]
    [InlineData(":INPUT DROP", 2)]
    [InlineData(":INPUT NOTHING [0:0]", 1)]
    [InlineData("[1:2 -A INPUT", 2)]
    [InlineData("-p tcp", 2)]
    [InlineData("*nat", 2)]
    [InlineData("nonsense", 2)]
    public void A_line_does_and_ends_as_with_the_peer(string lines, int exitCode = 0)
    {
        using var ours = new Node();
        using var theirs = new Node();
        Peer(ours, false, "restore", ["-c"], Before).EnsureSuccess();
        Peer(theirs, false, "restore", ["-c"], Before).EnsureSuccess();
        string before = State(ours, false);
        string input = $"*filter\n{lines}\nCOMMIT\n";

        ProgramResult our = Ours(ours, false, "restore", ["-c", "-n"], input);
        ProgramResult their = Peer(theirs, false, "restore", ["-c", "-n"], input);
        Assert.True(exitCode == our.ExitCode && exitCode == their.ExitCode, $"{our.ExitCode}: {our.Error}\n{their.ExitCode}: {their.Error}");
        Assert.Equal(ChainsAndRules(State(theirs, false)), ChainsAndRules(State(ours, false)));
        if (exitCode != 0)
        {
            Assert.StartsWith("iptables-restore: line ", our.Error, StringComparison.Ordinal);
            Assert.Equal(before, State(ours, false));
        }
        else
        {
            Assert.Equal("", our.Error);
        }
    }

    [SkippableFact]
    public void Policies_that_are_not_mentioned_keep_their_counters()
    {
        using var node = new Node();
        Peer(node, false, "restore", ["-c"], Before).EnsureSuccess();
        Ours(node, false, "restore", ["-n"], "*filter\n-A INPUT -j DROP\n-C INPUT -j DROP\nCOMMIT\n").EnsureSuccess();
        Assert.Contains(":INPUT ACCEPT [5:6]", State(node, false), StringComparison.Ordinal);
        Ours(node, false, "restore", ["-n"], "*filter\n-Z\nCOMMIT\n").EnsureSuccess();
        Assert.DoesNotContain("[", State(node, false).Replace("[0:0]", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_mistake_in_the_second_table_leaves_the_first_alone() =>
        AssertNothingChanges("*filter\n-A INPUT -j DROP\nCOMMIT\n*raw\n-A PREROUTING -j nothing\nCOMMIT\n", 2, "line 5 failed: ");

    [SkippableFact]
    public void A_quote_that_is_not_closed_is_refused() => AssertNothingChanges(
        "*filter\n-A INPUT -m comment --comment \"open\nCOMMIT\n", 2, "line 2 failed: a double quote is not closed");

    [SkippableFact]
    public void A_missing_commit_leaves_everything_alone() =>
        AssertNothingChanges("*filter\n-F\nCOMMIT\n*raw\n-A PREROUTING -j DROP\n", 1, "line 6 failed: COMMIT is missing");

    [SkippableFact]
    public void An_unknown_table_leaves_everything_alone() =>
        AssertNothingChanges("*filter\n-F\nCOMMIT\n*nothing\nCOMMIT\n", 2, "line 4 failed: cannot read the IPv4 table nothing: ");

    [SkippableFact]
    public void A_circle_is_refused_by_the_kernel() =>
        AssertNothingChanges("*filter\n:a - [0:0]\n-A a -j a\n-A INPUT -j a\nCOMMIT\n", 1, "line 5 failed: ", "in a circle (ELOOP)");

    [SkippableFact]
    public void A_second_table_that_the_kernel_refuses_puts_the_first_back() => AssertNothingChanges(
        "*filter\n-A INPUT -j DROP\n:kept - [0:0]\nCOMMIT\n*raw\n:a - [0:0]\n-A a -j a\n-A OUTPUT -j a\nCOMMIT\n",
        1,
        "line 9 failed: cannot write the IPv4 table raw: ",
        "the table is as it was, and so is filter again");

    [SkippableFact]
    public void A_test_changes_nothing()
    {
        using var node = new Node();
        Peer(node, false, "restore", ["-c"], Before).EnsureSuccess();
        string before = State(node, false);
        Ours(node, false, "restore", ["--test"], "*filter\n-A INPUT -j DROP\nCOMMIT\n").EnsureSuccess();
        Assert.Equal(2, Ours(node, false, "restore", ["-t"], "*filter\n-A INPUT -j nothing\nCOMMIT\n").ExitCode);
        Assert.Equal(before, State(node, false));
    }

    [SkippableFact]
    public void A_lock_that_is_held_ends_it_with_4_unless_it_waits()
    {
        using var node = new Node();
        const string Input = "*filter\n-A INPUT -j DROP\nCOMMIT\n";
        using (XtablesLock.Acquire(TimeSpan.Zero, node.LockFile))
        {
            ProgramResult refused = Ours(node, false, "restore", [], Input);
            Assert.Equal(4, refused.ExitCode);
            Assert.StartsWith($"iptables-restore: cannot lock {node.LockFile} within 0 s: ", refused.Error, StringComparison.Ordinal);
            Assert.Equal(4, Ours(node, false, "restore", ["-w", "1"], Input).ExitCode);
        }

        string[] waits = node.Netlinkd("iptables-restore", "--wait");
        RunningProgram waiting;
        using (XtablesLock.Acquire(TimeSpan.Zero, node.LockFile))
        {
            waiting = node.Space.Start(waits[0], waits[1..], Input);
            Thread.Sleep(300);
            Assert.False(waiting.HasExited);
        }

        using (waiting)
        {
            waiting.WaitForExit(TimeSpan.FromSeconds(20)).EnsureSuccess();
        }

        Assert.Contains("-A INPUT -j DROP", State(node, false), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("iptables-restore", false)]
    [InlineData("iptables-legacy-restore", false)]
    [InlineData("ip6tables-restore", true)]
    [InlineData("ip6tables-legacy-restore", true)]
    public void It_runs_under_its_other_names(string name, bool isInet6)
    {
        using var node = new Node();
        string path = Path.Combine(Path.GetDirectoryName(node.LockFile)!, name);
        string save = path.Replace("restore", "save", StringComparison.Ordinal);
        File.CreateSymbolicLink(path, Node.Binary);
        File.CreateSymbolicLink(save, Node.Binary);
        string file = node.Write("rules", "*filter\n-A INPUT -p udp -j DROP\nCOMMIT\n");
        node.Exec(["env", $"XTABLES_LOCKFILE={node.LockFile}", path, file]).EnsureSuccess();
        Assert.Contains("-A INPUT -p udp -j DROP", State(node, isInet6), StringComparison.Ordinal);
        Assert.Equal(State(node, isInet6), WithoutComments(node.Exec([save, "-c"]).EnsureSuccess().Output));
    }

    private static void AssertNothingChanges(string input, int exitCode, params string[] told)
    {
        using var node = new Node();
        Peer(node, false, "restore", ["-c"], Before + "*raw\n:OUTPUT ACCEPT [1:2]\n[3:4] -A OUTPUT -j ACCEPT\nCOMMIT\n").EnsureSuccess();
        string before = State(node, false);
        ProgramResult result = Ours(node, false, "restore", [], input);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.All(told, text => Assert.Contains(text, result.Error, StringComparison.Ordinal));
        Assert.Equal(before, State(node, false));
    }

    // The peer zeroes the counters of the policies of every table that it writes.
    private static string ChainsAndRules(string state) => string.Join(
        '\n', state.Split('\n').Select(line => line.StartsWith(':') ? line[..line.IndexOf('[', StringComparison.Ordinal)] : line));
}

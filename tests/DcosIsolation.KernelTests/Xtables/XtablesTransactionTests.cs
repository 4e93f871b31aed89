using System.Net;
using System.Net.Sockets;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.KernelTests.Xtables;

/// <summary>Transactions on a real kernel, each test in a network namespace of its own.</summary>
public sealed class XtablesTransactionTests : IDisposable
{
    private const string Ours = "dcos-isolation";
    private const NetfilterFamily V4 = NetfilterFamily.Inet;
    private const NetfilterFamily V6 = NetfilterFamily.Inet6;

    private static readonly XtablesRule s_jump = new() { Target = new JumpTarget(Ours) };

    private readonly string _lockPath = Path.Combine(Path.GetTempPath(), $"xtables-{Guid.NewGuid():n}.lock");

    public void Dispose() => File.Delete(_lockPath);

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void A_chain_comes_changes_and_goes_beside_foreign_rules(NetfilterFamily family) => InNamespace(held =>
    {
        ForeignRules.Load(family);
        string text = ForeignRules.Save(family, without: Ours);
        List<string> bytes = ForeignRules.Bytes(family, without: Ours);
        Assert.True(bytes.Count >= 25);

        Assert.True(Replace(family, held, Plain("one"), Plain("two"), Plain("three")));
        AssertForeignUnchanged();
        Assert.Equal(["one", "two", "three"], Comments(family));

        Assert.True(Replace(family, held, Plain("zero"), Plain("three"), Plain("one"), Plain("four")));
        AssertForeignUnchanged();
        Assert.Equal(["zero", "three", "one", "four"], Comments(family));

        Assert.True(Replace(family, held));
        AssertForeignUnchanged();
        Assert.Empty(Comments(family));

        Assert.True(XtablesTransaction.RemoveChain(family, held, Ours, "FORWARD"));
        AssertForeignUnchanged();
        using (var table = XtablesTable.Open(family, "filter", held))
        {
            Assert.False(table.HasChain(Ours));
            Assert.DoesNotContain(table.Rules("FORWARD"), rule => rule.JumpsTo == Ours);
        }

        Assert.False(XtablesTransaction.RemoveChain(family, held, Ours, "FORWARD"));

        void AssertForeignUnchanged()
        {
            Assert.Equal(text, ForeignRules.Save(family, without: Ours));
            Assert.Equal(bytes, ForeignRules.Bytes(family, without: Ours));
        }
    });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void Every_kind_of_rule_is_read_back_as_it_was_written(NetfilterFamily family) => InNamespace(held =>
    {
        byte icmp = family == V4 ? (byte)1 : (byte)58;
        XtablesRule[] rules =
        [
            new()
            {
                Source = IPNetwork.Parse(family == V4 ? "10.0.0.0/8" : "fd00::/8"),
                Destination = IPNetwork.Parse(family == V4 ? "10.1.2.3/32" : "fd00::1/128"),
                Target = new RejectTarget(),
            },
            new()
            {
                Protocol = 6,
                Matches = [new MultiportMatch([new(80, 80), new(8000, 8010)]), new CommentMatch("web")],
                Target = new VerdictTarget(XtablesVerdict.Return),
            },
            new() { Protocol = icmp, Matches = [new IcmpMatch(8, 0)], Target = new VerdictTarget(XtablesVerdict.Accept) },
            new()
            {
                Matches = [new ConntrackStateMatch(ConntrackStates.Related | ConntrackStates.Established)],
                Target = new VerdictTarget(XtablesVerdict.Drop),
            },
        ];
        Assert.True(Replace(family, held, rules));
        using (var table = XtablesTable.Open(family, "filter"))
        {
            Assert.Equal(rules, table.Rules(Ours).Select(rule => rule.Rule));
            Assert.Equal([s_jump], table.Rules("FORWARD").Select(rule => rule.Rule));
            Assert.True(table.IsBuiltin("FORWARD"));
            Assert.False(table.IsBuiltin(Ours));
        }

        Assert.False(Replace(family, held, rules));
    });

    [SkippableFact]
    public void A_second_call_writes_nothing() => InNamespace(held =>
    {
        CountedRule[] rules = [new(Plain("one"), new(5, 50)), new(Plain("two"))];
        Assert.True(XtablesTransaction.ReplaceChain(V4, held, Ours, "FORWARD", s_jump, rules));
        Assert.False(XtablesTransaction.ReplaceChain(V4, held, Ours, "FORWARD", s_jump, rules, out _, () => Assert.Fail("about to commit")));
    });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void Rules_that_stay_keep_their_counters(NetfilterFamily family) => InNamespace(held =>
    {
        Iptables.Run("ip", "link set lo up");
        var back = new VerdictTarget(XtablesVerdict.Return);
        XtablesRule counting = new() { Protocol = 17, Matches = [new CommentMatch("counting")], Target = back };
        XtablesRule sctp = new() { Protocol = 132, Matches = [new CommentMatch("early")], Target = new RejectTarget() };
        CountedRule[] rules = [new(sctp, new(1, 2)), new(counting, new(100, 1000))];
        Assert.True(XtablesTransaction.ReplaceChain(family, held, Ours, "OUTPUT", s_jump, rules));
        Assert.Equal([new(1, 2), new(100, 1000)], Counters());

        IPAddress loopback = family == V4 ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        using (var socket = new Socket(loopback.AddressFamily, SocketType.Dgram, ProtocolType.Udp))
        {
            for (int i = 0; i < 5; i++)
            {
                socket.SendTo("12345678"u8.ToArray(), new IPEndPoint(loopback, 9));
            }
        }

        ulong bytes = 1000 + 5 * (ulong)((family == V4 ? 20 : 40) + 8 + 8);
        Assert.Equal([new(1, 2), new(105, bytes)], Counters());

        CountedRule[] changed = [new(new XtablesRule { Protocol = 132, Target = new RejectTarget() }, new(7, 8)), new(counting, new(0, 0))];
        Assert.True(XtablesTransaction.ReplaceChain(family, held, Ours, "OUTPUT", s_jump, changed));
        Assert.Equal([new(7, 8), new(105, bytes)], Counters());

        XtablesCounters[] Counters()
        {
            using var table = XtablesTable.Open(family, "filter");
            return [.. table.Rules(Ours).Select(rule => rule.Counters)];
        }
    });

    [SkippableFact]
    public void The_jump_returns_to_the_first_position_with_its_counters_and_alone() => InNamespace(held =>
    {
        Assert.True(Replace(V4, held, Plain("one")));
        Iptables.Restore(V4, $"*filter\n:FORWARD ACCEPT [0:0]\n:{Ours} - [0:0]\n"
            + $"[1:2] -A FORWARD -i eth0 -j DROP\n[3:4] -A FORWARD -j {Ours}\n"
            + $"[5:6] -A FORWARD -s 10.0.0.0/8 -j {Ours}\n[7:8] -A FORWARD -g {Ours}\n[9:10] -A FORWARD -i eth1 -j DROP\nCOMMIT\n");
        Assert.True(Replace(V4, held));
        using (var table = XtablesTable.Open(V4, "filter"))
        {
            IReadOnlyList<XtablesTableRule> rules = table.Rules("FORWARD");
            Assert.Equal([Ours, null, null], rules.Select(rule => rule.JumpsTo));
            Assert.Equal([new(3, 4), new(1, 2), new(9, 10)], rules.Select(rule => rule.Counters));
        }

        Assert.False(Replace(V4, held));
    });

    [SkippableFact]
    public void A_commit_that_somebody_came_before_is_done_again_over_what_they_did() => InNamespace(held =>
    {
        int commits = 0;
        Assert.True(XtablesTransaction.ReplaceChain(V4, held, Ours, "FORWARD", s_jump, [new(Plain("one"))], out _, () =>
        {
            if (++commits == 1)
            {
                Iptables.Call(V4, "-A FORWARD -i intruder -j DROP");
            }
        }));
        Assert.Equal(2, commits);
        Assert.Contains("-A FORWARD -i intruder -j DROP", Iptables.Save(V4), StringComparison.Ordinal);
        Assert.Equal(["one"], Comments(V4));
    });

    [SkippableFact]
    public void Who_always_comes_before_is_reported_after_a_while() => InNamespace(held =>
    {
        int commits = 0;
        var e = Assert.Throws<XtablesException>(() => XtablesTransaction.ReplaceChain(
            V4, held, Ours, "FORWARD", s_jump, [new(Plain("one"))], out _, () => Iptables.Call(V4, $"-A FORWARD -i intruder{++commits} -j DROP")));
        Assert.Equal(10, commits);
        Assert.Equal("EAGAIN", e.ErrnoName);
        Assert.True(e.CanRetry);
        Assert.DoesNotContain(Ours, Iptables.Save(V4), StringComparison.Ordinal);
    });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void A_chain_that_a_foreign_rule_jumps_to_is_not_removed(NetfilterFamily family) => InNamespace(held =>
    {
        Assert.True(Replace(family, held, Plain("one")));
        Iptables.Call(family, "-N elsewhere");
        Iptables.Call(family, "-A elsewhere -i eth0 -j DROP");
        Iptables.Call(family, $"-A elsewhere -i eth1 -j {Ours}");
        string before = Rules(family);
        var e = Assert.Throws<XtablesException>(() => XtablesTransaction.RemoveChain(family, held, Ours, "FORWARD"));
        Assert.Equal(("elsewhere", 1), (e.Chain, e.RuleIndex));
        Assert.Contains("rule 2 of chain elsewhere jumps to it", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, Rules(family));
    });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void Single_rules_come_first_and_go_beside_foreign_rules(NetfilterFamily family) => InNamespace(held =>
    {
        ForeignRules.Load(family);
        string before = Rules(family);

        Assert.True(XtablesTransaction.InsertRules(family, held, "filter", "alpha", [Plain("one"), Plain("two")]));
        Assert.False(XtablesTransaction.InsertRules(family, held, "filter", "alpha", [Plain("one"), Plain("two")]));
        Assert.True(XtablesTransaction.InsertRules(family, held, "filter", "alpha", [Plain("two")]));
        using (var table = XtablesTable.Open(family, "filter", held))
        {
            Assert.Equal([Plain("two"), Plain("one"), Plain("two")], table.Rules("alpha").Take(3).Select(rule => rule.Rule));
        }

        IReadOnlyList<XtablesTableRule> removed = XtablesTransaction.RemoveRules(
            family, held, "filter", "alpha", rule => rule.Rule is { Target: RejectTarget, Matches: [CommentMatch] });
        Assert.Equal([Plain("two"), Plain("one"), Plain("two")], removed.Select(rule => rule.Rule));
        Assert.Empty(XtablesTransaction.RemoveRules(family, held, "filter", "alpha", _ => false));
        Assert.Throws<ArgumentException>(() => XtablesTransaction.InsertRules(family, held, "filter", "alpha", [s_jump]));
        Assert.Throws<XtablesException>(() => XtablesTransaction.InsertRules(family, held, "filter", "nowhere", [Plain("one")]));
        Assert.Throws<XtablesException>(() => XtablesTransaction.RemoveRules(family, held, "filter", "nowhere", _ => true));
        var misplaced = Assert.Throws<XtablesException>(
            () => XtablesTransaction.InsertRules(family, held, "filter", "alpha", [new() { Target = new TraceTarget() }]));
        Assert.Equal("EINVAL", misplaced.ErrnoName);
        Assert.Equal(before, Rules(family));
    });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void A_set_index_without_a_set_is_named_and_nothing_changes(NetfilterFamily family) => InNamespace(held =>
    {
        Assert.True(Replace(family, held, Plain("one")));
        string before = Rules(family);
        var rule = new XtablesRule { Matches = [new SetMatch(54321, SetDirections.Source)], Target = new RejectTarget() };
        var e = Assert.Throws<XtablesException>(() => Replace(family, held, Plain("two"), rule));
        Assert.Equal("ENOENT", e.ErrnoName);
        Assert.Equal("commit", e.Operation);
        Assert.Contains("54321", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, Rules(family));
    });

    [SkippableFact]
    public void What_the_table_cannot_take_is_refused_before_anything_changes() => InNamespace(held =>
    {
        string before = Rules(V4);
        var noChain = Assert.Throws<XtablesException>(() => Replace(V4, held, new XtablesRule { Target = new JumpTarget("nowhere") }));
        Assert.Contains("nowhere, which is no user-defined chain", noChain.Message, StringComparison.Ordinal);
        Assert.Throws<XtablesException>(() => Replace(V4, held, new XtablesRule { Target = new JumpTarget("INPUT") }));
        Assert.Throws<XtablesException>(() => XtablesTransaction.ReplaceChain(V4, held, Ours, "NOPARENT", s_jump, []));
        var loop = Assert.Throws<XtablesException>(() => Replace(V4, held, new XtablesRule { Target = new JumpTarget(Ours) }));
        Assert.Equal("ELOOP", loop.ErrnoName);
        var portsWithoutProtocol = new XtablesRule { Matches = [new MultiportMatch([new(80, 80)])], Target = new RejectTarget() };
        Assert.Equal("EINVAL", Assert.Throws<XtablesException>(() => Replace(V4, held, portsWithoutProtocol)).ErrnoName);
        Assert.Throws<ArgumentException>(() => XtablesTransaction.ReplaceChain(V4, held, "a", "FORWARD", s_jump, []));
        held.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Replace(V4, held, Plain("one")));
        Assert.Equal(before, Rules(V4));
    });

    [SkippableFact]
    public void A_chain_that_bears_a_targets_name_does_not_catch_our_rule() => InNamespace(held =>
    {
        Iptables.Restore(V4, "*filter\n:REJECT - [0:0]\nCOMMIT\n");
        var e = Assert.Throws<XtablesException>(() => Replace(V4, held, new XtablesRule { Target = new RejectTarget() }));
        Assert.Contains("chain named REJECT", e.Message, StringComparison.Ordinal);
    });

    [SkippableFact]
    public void A_thousand_transactions_leave_nothing_behind() => InNamespace(held =>
    {
        for (int i = 0; i < 100; i++)
        {
            Round(i);
        }

        (int descriptors, long memory) = (Descriptors(), Memory());
        for (int i = 0; i < 1000; i++)
        {
            Round(i);
        }

        // A test may run beside this one and open a few of its own, but not hundreds.
        Assert.InRange(Descriptors(), 0, descriptors + 50);
        Assert.InRange(Memory() - memory, long.MinValue, 32 << 20);

        void Round(int i) => Assert.True(Replace(V4, held, Plain($"round {i}"), Plain("stays")));

        static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;

        static long Memory()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            string pages = File.ReadAllText("/proc/self/statm").Split(' ')[1];
            return long.Parse(pages, System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
    });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void The_kernel_is_asked_for_matches_and_targets(NetfilterFamily family) => InNamespace(_ =>
    {
        Assert.True(XtablesProbe.HasMatch(family, "set", 4));
        Assert.True(XtablesProbe.HasMatch(family, "conntrack", 3));
        Assert.True(XtablesProbe.HasMatch(family, family == V4 ? "icmp" : "icmp6", 0));
        Assert.True(XtablesProbe.HasTarget(family, "REJECT", 0));
        Assert.False(XtablesProbe.HasMatch(family, "set", 200));
        Assert.False(XtablesProbe.HasMatch(family, "nosuchmatch", 0));
        Assert.False(XtablesProbe.HasTarget(family, "NOSUCHTARGET", 0));
    });

    [SkippableFact]
    public void A_table_that_does_not_exist_is_named() => InNamespace(_ =>
    {
        var e = Assert.Throws<XtablesException>(() => XtablesTable.Open(V4, "nosuchtable"));
        Assert.Equal(("open table", "ENOENT", "nosuchtable"), (e.Operation, e.ErrnoName, e.Table));
        using var table = XtablesTable.Open(V4, "filter");
        Assert.Throws<XtablesException>(() => table.Rules("nosuchchain"));
        Assert.Equal(["INPUT", "FORWARD", "OUTPUT"], table.Chains);
    });

    private static XtablesRule Plain(string comment) => new() { Matches = [new CommentMatch(comment)], Target = new RejectTarget() };

    private static bool Replace(NetfilterFamily family, XtablesLock held, params XtablesRule[] rules) =>
        XtablesTransaction.ReplaceChain(family, held, Ours, "FORWARD", s_jump, [.. rules.Select(rule => new CountedRule(rule))]);

    private static string Rules(NetfilterFamily family) =>
        string.Join('\n', Iptables.Save(family).Split('\n').Where(line => !line.StartsWith('#')));

    private static List<string> Comments(NetfilterFamily family)
    {
        using var table = XtablesTable.Open(family, "filter");
        return [.. table.Rules(Ours).SelectMany(rule => rule.Rule!.Matches).Cast<CommentMatch>().Select(match => match.Comment)];
    }

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void A_snapshot_is_put_back_byte_for_byte_whoever_wrote_the_rules(NetfilterFamily family) => InNamespace(held =>
    {
        ForeignRules.Load(family);
        Iptables.Call(family, $"-N {Ours}");
        Iptables.Call(family, $"-A {Ours} -p tcp -m tcp --dport 22 -m limit --limit 3/sec -m comment --comment by-hand -j ACCEPT");
        Iptables.Call(family, $"-A {Ours} -j REJECT");
        Iptables.Call(family, $"-I FORWARD 2 -j {Ours}");
        Iptables.Call(family, $"-A FORWARD -i eth9 -j {Ours}");
        string text = Iptables.Save(family);
        XtablesSnapshot snapshot = XtablesTransaction.TakeSnapshot(family, held, Ours, "FORWARD");

        Assert.False(XtablesTransaction.Restore(snapshot, held));
        Assert.True(Replace(family, held, Plain("one"), Plain("two")));
        Assert.True(XtablesTransaction.Restore(snapshot, held));
        Assert.Equal(Rules(text), Rules(Iptables.Save(family)));

        Assert.True(XtablesTransaction.RemoveChain(family, held, Ours, "FORWARD"));
        Assert.True(XtablesTransaction.Restore(snapshot, held));
        Assert.Equal(Rules(text), Rules(Iptables.Save(family)));
        Assert.False(XtablesTransaction.Restore(snapshot, held));
    });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void The_snapshot_of_no_chain_takes_it_away(NetfilterFamily family) => InNamespace(held =>
    {
        XtablesSnapshot nothing = XtablesTransaction.TakeSnapshot(family, held, Ours, "FORWARD");
        Assert.Null(nothing.Rules);
        Replace(family, held, Plain("one"));
        Assert.True(XtablesTransaction.Restore(nothing, held));
        using var table = XtablesTable.Open(family, "filter", held);
        Assert.False(table.HasChain(Ours));
        Assert.Empty(table.Rules("FORWARD"));
    });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void The_sets_of_any_rule_are_known_by_index(NetfilterFamily family) => InNamespace(held =>
    {
        using IpsetClient ipset = IpsetClient.Open();
        foreach (string set in new[] { "unused", "a", "b", "c" })
        {
            ipset.Create(set, IpsetType.HashNet, family);
        }

        Iptables.Call(family, "-A INPUT -p tcp -m set --match-set a src -m tcp --dport 1 -m set ! --match-set b dst -j SET --add-set c src --exist");
        Iptables.Call(family, "-A INPUT -j SET --del-set a dst");
        Iptables.Call(family, "-A INPUT -m tcp -p tcp --dport 2 -j ACCEPT");
        using var table = XtablesTable.Open(family, "filter", held);
        ushort Index(string set) => ipset.GetIndex(set)!.Value;
        Assert.Equal(
            [[Index("a"), Index("b"), Index("c")], [Index("a")], []],
            table.Rules("INPUT").Select(rule => rule.SetIndexes));
    });

    private static IEnumerable<string> Rules(string saved) => saved.Split('\n').Where(line => !line.StartsWith('#'));

    private void InNamespace(Action<XtablesLock> body) => NewNamespace.Run(() =>
    {
        using XtablesLock held = XtablesLock.Acquire(TimeSpan.FromSeconds(10), _lockPath);
        body(held);
    });
}

using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Xunit;
using PolicySetMatch = DcosIsolation.Policy.SetMatch;
using SetDirections = DcosIsolation.Policy.SetDirections;
using XtablesSetDirections = DcosIsolation.Netlink.Xtables.SetDirections;
using XtablesSetMatch = DcosIsolation.Netlink.Xtables.SetMatch;

namespace DcosIsolation.Daemon.Tests.Dataplane;

public sealed class RuleTranslatorTests
{
    private static readonly DateTimeOffset s_time = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private static readonly RuleTranslator s_translator = new(new Dictionary<string, ushort> { ["dcos-net-a"] = 3, ["dcos-net-b+"] = 0 });

    private static readonly Rule[] s_rules =
    [
        new() { Target = RuleTarget.Return },
        new() { Target = RuleTarget.Reject },
        new() { Target = RuleTarget.Drop },
        new()
        {
            Target = RuleTarget.JumpToIsolation,
            Sets = [In("dcos-net-a", SetDirections.Source), In("dcos-net-b+", SetDirections.Destination)],
        },
        new() { Target = RuleTarget.Return, Sets = [In("dcos-net-a", SetDirections.SourceDestination, negated: true)] },
        new() { Target = RuleTarget.Return, Sets = [In("dcos-net-a", SetDirections.SourceDestinationDestination)] },
        new() { Target = RuleTarget.Return, RelatedOrEstablished = true },
        new() { Target = RuleTarget.Return, Source = Net("10.0.0.0", 8), Destination = Net("10.1.2.3", 32) },
        new() { Target = RuleTarget.Return, Source = Net("fd00::", 8), Destination = Net("fd00::1", 128) },
        new() { Target = RuleTarget.Return, Protocol = Protocol.Sctp },
        .. new[] { Protocol.Tcp, Protocol.Udp, Protocol.Sctp, Protocol.UdpLite }.Select(protocol => new Rule
        {
            Target = RuleTarget.Return,
            Protocol = protocol,
            Ports = [new Service(protocol, 80, 80), new Service(protocol, 8000, 8100), new Service(protocol, 65535, 65535)],
            Sets = [In("dcos-net-a", SetDirections.Source)],
        }),
        new() { Target = RuleTarget.Return, Protocol = Protocol.Icmp, Ports = [new Service(Protocol.Icmp, 0, 0, 8)] },
        new() { Target = RuleTarget.Return, Protocol = Protocol.Icmp, Ports = [new Service(Protocol.Icmp, 0, 0, 3, 1)] },
        new() { Target = RuleTarget.Return, Protocol = Protocol.IcmpV6, Ports = [new Service(Protocol.IcmpV6, 0, 0, 255)] },
        new() { Target = RuleTarget.Accept, Source = Net("10.0.0.0", 8) },
        new()
        {
            Target = RuleTarget.Accept,
            Destination = Net("10.0.0.0", 8),
            Protocol = Protocol.Tcp,
            SourcePorts = [new Service(Protocol.Tcp, 22, 22), new Service(Protocol.Tcp, 8000, 8100)],
            RelatedOrEstablished = true,
        },
        new() { Target = RuleTarget.Log, Log = new DeniedLog("", PacketRate.Default, null) },
        new()
        {
            Target = RuleTarget.Log,
            Protocol = Protocol.Tcp,
            Ports = [new Service(Protocol.Tcp, 80, 80)],
            Sets = [In("dcos-net-a", SetDirections.Source)],
            Log = new DeniedLog("denied: ", PacketRate.TryMake(7, 60)!.Value, 0),
        },
        new() { Target = RuleTarget.Drop, Comment = "policy " + new string('0', 64) },
        new() { Target = RuleTarget.Drop, Comment = "no policy applied 2026-03-04T05:06:07Z" },
    ];

    public static TheoryData<int> Rules => [.. Enumerable.Range(0, s_rules.Length)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_kind_of_rule_comes_back_as_it_went(int index)
    {
        Rule rule = s_rules[index];

        Rule? back = s_translator.FromXtables(s_translator.ToXtables(rule, s_time), out DateTimeOffset? appliedAt);

        Assert.Equal(rule, back);
        Assert.Equal(RuleComment.NamesPolicy(rule.Comment) ? s_time : null, appliedAt);
    }

    [Fact]
    public void The_time_is_put_behind_the_comment_that_names_the_policy()
    {
        var rule = new Rule { Target = RuleTarget.Return, Comment = "policy d1" };

        XtablesRule written = s_translator.ToXtables(rule, s_time.ToOffset(TimeSpan.FromHours(5)));

        Assert.Equal(new CommentMatch("policy d1 applied 2026-03-04T05:06:07Z"), Assert.Single(written.Matches));
    }

    [Theory]
    [InlineData("policy d1")]
    [InlineData("policy d1 applied yesterday")]
    public void A_comment_without_the_time_that_the_project_writes_is_foreign(string comment)
    {
        var rule = new XtablesRule { Matches = [new CommentMatch(comment)], Target = new VerdictTarget(XtablesVerdict.Return) };

        Assert.Null(s_translator.FromXtables(rule, out _));
    }

    [Fact]
    public void A_rule_that_the_project_would_not_write_is_foreign()
    {
        XtablesMatch conntrack = new ConntrackStateMatch(ConntrackStates.Related | ConntrackStates.Established);
        XtablesMatch set = new XtablesSetMatch(3, XtablesSetDirections.Source);
        (byte Protocol, XtablesMatch[] Matches, XtablesTarget Target)[] foreign =
        [
            (0, [set], new VerdictTarget(XtablesVerdict.Accept)),
            (0, [], new LogTarget()),
            (0, [new LimitMatch(999)], new LogTarget()),
            (0, [new LimitMatch(1000, 6)], new LogTarget()),
            (0, [new LimitMatch(1000)], new LogTarget("", 7)),
            (0, [new LimitMatch(1000), set], new NflogTarget()),
            (0, [new LimitMatch(1000)], new VerdictTarget(XtablesVerdict.Drop)),
            (6, [new MultiportMatch([new(80, 80)]) { Direction = PortDirection.Either }], new VerdictTarget(XtablesVerdict.Return)),
            (0, [], new JumpTarget("elsewhere")),
            (47, [], new VerdictTarget(XtablesVerdict.Return)),
            (0, [new XtablesSetMatch(9, XtablesSetDirections.Source)], new VerdictTarget(XtablesVerdict.Return)),
            (0, [new ConntrackStateMatch(ConntrackStates.Established)], new VerdictTarget(XtablesVerdict.Return)),
            (0, [conntrack, set], new VerdictTarget(XtablesVerdict.Return)),
            (0, [conntrack, conntrack], new VerdictTarget(XtablesVerdict.Return)),
            (6, [new MultiportMatch([new PortRange(80, 80)], Negated: true)], new VerdictTarget(XtablesVerdict.Return)),
            (6, [set, new MultiportMatch([new PortRange(80, 80)])], new VerdictTarget(XtablesVerdict.Return)),
        ];
        Assert.All(foreign, item => Assert.Null(s_translator.FromXtables(
            new XtablesRule { Protocol = item.Protocol, Matches = [.. item.Matches], Target = item.Target }, out _)));
    }

    [Fact]
    public void A_set_that_is_not_there_cannot_be_asked()
    {
        var rule = new Rule { Target = RuleTarget.Return, Sets = [In("dcos-net-c", SetDirections.Source)] };

        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => s_translator.ToXtables(rule, s_time));

        Assert.Equal("the set dcos-net-c that a rule needs is not in the kernel", e.Message);
    }

    private static PolicySetMatch In(string set, SetDirections directions, bool negated = false) => new(set, directions, negated);

    private static Prefix Net(string address, int length) => Prefix.From(System.Net.IPAddress.Parse(address), length);
}

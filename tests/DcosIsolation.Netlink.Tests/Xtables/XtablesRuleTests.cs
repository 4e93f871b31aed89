using System.Net;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Xtables;

public class XtablesRuleTests
{
    [Fact]
    public void Rules_are_compared_by_value()
    {
        Assert.Equal(Make(80), Make(80));
        Assert.Equal(Make(80).GetHashCode(), Make(80).GetHashCode());
        Assert.NotEqual(Make(80), Make(81));
        Assert.NotEqual<XtablesMatch>(new IcmpMatch(8), new IcmpMatch(8, 0));
        Assert.NotEqual<XtablesTarget>(new JumpTarget("a"), new JumpTarget("b"));
    }

    [Fact]
    public void A_rule_reads_much_as_iptables_prints_it()
    {
        Assert.Equal(
            "-s 10.0.0.0/8 -p 6 -m multiport --dports 80,8000:8010 -m set ! --match-set #7 src,dst,dst -j REJECT", Make(80).ToString());
        Assert.Equal(
            "-m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment \"a \\\"b\\\"\" -j RETURN",
            new XtablesRule
            {
                Matches = [new ConntrackStateMatch(ConntrackStates.Established | ConntrackStates.Related), new CommentMatch("a \"b\"")],
                Target = new VerdictTarget(XtablesVerdict.Return),
            }.ToString());
        Assert.Equal("-m icmp --icmp-type 3/4", new IcmpMatch(3, 4).ToString());
    }

    // As iptables-save 1.8.9 printed what it had been told.
    [Theory]
    [InlineData(1000, 5, "-m limit --limit 10/sec")]
    [InlineData(1, 5, "-m limit --limit 10000/sec")]
    [InlineData(3, 5, "-m limit --limit 3333/sec")]
    [InlineData(1428, 1, "-m limit --limit 7/sec --limit-burst 1")]
    [InlineData(1429, 5, "-m limit --limit 25192/hour")]
    [InlineData(600_000, 5, "-m limit --limit 1/min")]
    [InlineData(36_000, 5, "-m limit --limit 1000/hour")]
    [InlineData(216_000_000, 5, "-m limit --limit 4/day")]
    public void A_limit_reads_as_iptables_prints_it(uint average, uint burst, string text) =>
        Assert.Equal(text, new LimitMatch(average, burst).ToString());

    [Fact]
    public void Logs_read_as_iptables_prints_them()
    {
        Assert.Equal("-j LOG", new LogTarget().ToString());
        Assert.Equal("-j LOG --log-prefix \"denied: \" --log-level 7", new LogTarget("denied: ", 7).ToString());
        Assert.Equal("-j LOG --log-prefix a_b-1", new LogTarget("a_b-1").ToString());
        Assert.Equal("-j NFLOG", new NflogTarget().ToString());
        Assert.Equal("-j NFLOG --nflog-prefix \"a\\\"\\'\\\\\" --nflog-group 7", new NflogTarget(7, "a\"'\\").ToString());
        Assert.Equal("-m multiport --sports 22", new MultiportMatch([new(22, 22)]) { Direction = PortDirection.Source }.ToString());
        Assert.Equal("-m multiport ! --ports 22", new MultiportMatch([new(22, 22)], true) { Direction = PortDirection.Either }.ToString());
    }

    [Theory]
    [InlineData("src", 1, 0b1)]
    [InlineData("dst", 1, 0b0)]
    [InlineData("src,dst", 2, 0b01)]
    [InlineData("src,dst,dst", 3, 0b001)]
    [InlineData("dst,src,dst,src,dst,src", 6, 0b101010)]
    public void Directions_are_read_and_printed(string text, byte dimensions, byte bits)
    {
        Assert.Equal(new SetDirections(dimensions, bits), SetDirections.Parse(text));
        Assert.Equal(text, new SetDirections(dimensions, bits).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("src,")]
    [InlineData("SRC")]
    [InlineData("src dst")]
    [InlineData("src,src,src,src,src,src,src")]
    public void Other_directions_are_refused(string text) => Assert.Throws<FormatException>(() => SetDirections.Parse(text));

    private static XtablesRule Make(ushort port) => new()
    {
        Source = IPNetwork.Parse("10.0.0.0/8"),
        Protocol = 6,
        Matches =
        [
            new MultiportMatch([new(port, port), new(8000, 8010)]),
            new SetMatch(7, SetDirections.SourceDestinationDestination, Negated: true),
        ],
        Target = new RejectTarget(),
    };
}

using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class RuleErrorTests
{
    private const string Networks =
        "version: 1\nnetworks: {hr: {subnets: [192.168.0.0/16, 'fd00:1::/64']}, it: {subnets: [10.250.0.0/16]}}\n";

    [Theory]
    [InlineData("-s @hx -j DROP", "unknown network '@hx'; did you mean 'hr'?")]
    [InlineData("-s @finance -j DROP", "unknown network '@finance'; it is not in 'networks'")]
    [InlineData("-s @hr,@it -j DROP", "'@hr,@it': @name stands for one network, alone; write a rule for each")]
    [InlineData("-s 10.0.0.0/8,@it -j DROP", "'10.0.0.0/8,@it': @name stands for one network, alone; write a rule for each")]
    [InlineData("-s ! @hr -j DROP", "'@hr' cannot stand here; a network can stand as @name after -s, -d and --match-set, a word of its own")]
    [InlineData("--source=@hr -j DROP",
        "'--source=@hr' cannot stand here; a network can stand as @name after -s, -d and --match-set, a word of its own")]
    [InlineData("-i @hr", "'@hr' cannot stand here; a network can stand as @name after -s, -d and --match-set, a word of its own")]
    [InlineData("-m set --match-set @hr src,dst", "--match-set @hr: expected src or dst, found 'src,dst'")]
    [InlineData("-m set --match-set @hr", "--match-set @hr: expected src or dst, found nothing")]
    [InlineData("-m set --match-set dcos-net-hr src",
        "--match-set dcos-net-hr: the set is the policy's own, and its name changes; a network can stand as @name after -s, -d and --match-set")]
    [InlineData("-j SET --add-set dcos-net-it6+ src",
        "--add-set dcos-net-it6+: the set is the policy's own, and its name changes; a network can stand as @name after -s, -d and --match-set")]
    [InlineData("-A INPUT -j DROP", "'-A' cannot stand in a rule; expected matches and a target only, what follows '-A chain'")]
    [InlineData("-t nat -j DROP", "'-t' cannot stand in a rule; expected matches and a target only, what follows '-A chain'")]
    [InlineData("--table=nat -j DROP", "'--table=nat' cannot stand in a rule; expected matches and a target only, what follows '-A chain'")]
    [InlineData("-c 1 2", "'-c' cannot stand in a rule; expected matches and a target only, what follows '-A chain'")]
    [InlineData("-6 -j DROP", "'-6' cannot stand in a rule; expected matches and a target only, what follows '-A chain'")]
    [InlineData("-j DROP -g away", "'-g': a second target; a rule has one, after -j or -g")]
    [InlineData("-j", "'-j': expected the name of a target, found nothing")]
    [InlineData("-p tcp -j dcos-isolation", "'-j': dcos-isolation is the chain in which the rule stands; it cannot jump there")]
    [InlineData("--jump=FORWARD", "'--jump=FORWARD': FORWARD is a built-in chain, to which no rule can jump")]
    [InlineData("   ", "the rule is empty; expected what follows '-A chain' on a command line of iptables")]
    [InlineData("-j LOG --log-prefix 'x", "a quote ' is not closed")]
    public void Rules_are_checked(string rule, string expected) =>
        Reader.Says($"policy.yaml:3:17: error: {expected}", $"{Networks}rules: {{first: [\"{rule}\"]}}\n");

    [Theory]
    [InlineData("a", "8: error: 'rules': expected a mapping with 'first' and 'last', like first: [\"-p tcp --dport 22 -j ACCEPT\"], found 'a'")]
    [InlineData("{frist: []}", "9: error: unknown key 'frist'; did you mean 'first'?")]
    [InlineData("{middle: []}", "9: error: unknown key 'middle'; 'rules' has: first, last")]
    [InlineData("{first: [], first: []}", "20: error: the key 'first' is here twice, first on line 3; keep one of them")]
    [InlineData("{last: -j DROP}", "15: error: 'last': expected a list of rules, like - \"-p tcp --dport 22 -j ACCEPT\", found '-j DROP'")]
    [InlineData("{last: [[-j DROP]]}",
        "16: error: an item of 'last': expected a rule as iptables takes it, like \"-p tcp --dport 22 -j ACCEPT\", found a list")]
    [InlineData("{last: [{}]}", "16: error: an item of 'last' is an empty mapping; expected a rule for 'ipv4', for 'ipv6', or for both")]
    [InlineData("{last: [{ipv5: -j DROP}]}", "17: error: unknown key 'ipv5'; did you mean 'ipv4'?")]
    [InlineData("{last: [{ipv4: ~}]}",
        "23: error: 'ipv4': expected a rule as iptables takes it, like \"-p tcp --dport 22 -j ACCEPT\", found nothing")]
    [InlineData("{last: [{ipv6: \"-j L\\nOG\"}]}", "23: error: the rule holds '\\n'; expected one line of printable ASCII")]
    [InlineData("{last: [{ipv6: \"-s @it -j DROP\"}]}",
        "23: warning: no packet can match: a network that the rule names, or every network, has no prefix of the rule's family; remove the rule")]
    public void Their_places_are_checked(string rules, string expected) =>
        Reader.Says($"policy.yaml:3:{expected}", $"{Networks}rules: {rules}\n");

    [Fact]
    public void A_rule_is_bounded() =>
        Reader.Says("policy.yaml:3:17: error: the rule has 2001 characters; the most is 2000", $"{Networks}rules: {{first: [{new string('x', 2001)}]}}\n");

    [Theory]
    [InlineData("-s @hr -p tcp  --dport 22\\t-j ACCEPT", "-m set --match-set @hr src -p tcp --dport 22 -j ACCEPT")]
    [InlineData("-p tcp ! -d @it -s 10.0.0.0/8", "-m set ! --match-set @it dst -p tcp -s 10.0.0.0/8")]
    [InlineData("-m set ! --match-set @it src -m set --match-set mine dst -j DROP",
        "-m set ! --match-set @it src -m set --match-set mine dst -j DROP")]
    [InlineData("-j LOG --log-prefix 'a \\\"b\\\\ '", "-j LOG --log-prefix \"a \\\"b\\\\ \"")]
    [InlineData("-j LOG --log-prefix '@hr -A'", "-j LOG --log-prefix \"@hr -A\"")]
    [InlineData("-m comment --comment \\\"it's\\\"", "-m comment --comment \"it's\"")]
    [InlineData("-m policy --dir in --pol none", "-m policy --dir in --pol none")]
    public void Networks_are_taken_out_and_the_rest_is_quoted_alike(string rule, string canonical)
    {
        OperatorRule read = Assert.Single(Reader.Good($"{Networks}rules: {{first: [\"{rule}\"]}}\n").Rules.First);
        Assert.Same(read.Inet, read.Inet6);
        Assert.Equal(canonical, read.Inet!.ToString());
        Assert.Equal(new SourceLocation("policy.yaml", 3, 17), read.Inet.Location);
    }
}

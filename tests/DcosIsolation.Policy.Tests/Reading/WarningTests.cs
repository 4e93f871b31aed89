using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class WarningTests
{
    private const string Networks = """
        version: 1
        networks:
          v4: {subnets: [192.168.0.0/16]}
          v6: {subnets: ["fd00::/64"]}
          both: {subnets: [10.0.0.0/8, "fd01::/64"]}

        """;

    [Theory]
    [InlineData("allow: [{from: v4, to: v6}]", "6:9: warning: no packet can match: one side has only IPv4 addresses, the other only IPv6")]
    [InlineData(
        "deny: [{from: [v6], to: [v4, 10.1.0.0/16]}]",
        "6:8: warning: no packet can match: one side has only IPv4 addresses, the other only IPv6")]
    [InlineData("exceptions: [[v4, v6]]", "6:14: warning: no packet can match: one side has only IPv4 addresses, the other only IPv6")]
    [InlineData(
        "allow: [{from: both, to: v6, ports: [80, icmp, icmp/3/1]}]",
        "6:9: warning: no packet can match icmp: the two sides have only IPv6 in common; write icmpv6")]
    [InlineData(
        "allow: [{from: v4, to: '*', ports: [icmpv6/echo-request]}]",
        "6:9: warning: no packet can match icmpv6/128: the two sides have only IPv4 in common; write icmp")]
    [InlineData(
        "allow: [{from: v4, to: 172.16.0.0/12}]",
        "6:24: warning: 172.16.0.0/12 is outside of every network, so its packets are never judged;"
        + " add it to a network, or remove it here")]
    [InlineData("allow: [{from: v4, to: [both, both]}]", "6:31: warning: 'both' is in 'to' twice; remove one")]
    public void What_is_said_in_vain_is_warned_of(string line, string expected) => Reader.Says("policy.yaml:" + expected, Networks + line);

    [Theory]
    [InlineData("allow: [{from: both, to: '*', ports: [80, icmp, icmpv6]}]")]
    [InlineData("allow: [{from: v4, to: 0.0.0.0/0}]")]
    [InlineData("allow: [{from: v4, to: 10.1.2.3}]")]
    [InlineData("allow: [{from: v4, to: both}, {from: both, to: v4}, {from: v4, to: both, ports: [80]}]")]
    [InlineData("default: accept\nallow: [{from: v4, to: both}]")]
    public void What_has_a_meaning_is_not_warned_of(string line) => Reader.Good(Networks + line);

    [Fact]
    public void A_clause_given_twice_is_warned_of_however_it_is_spelled() => Reader.Says(
        """
        policy.yaml:8:5: warning: the clause on line 7 says the same; remove one of them
        policy.yaml:9:5: warning: the 'deny' clause on line 11 says the same and is asked first; this 'allow' clause decides nothing: remove one of them
        """,
        Networks
        + """
        allow:
          - {from: [v4, both], to: both, ports: [80, 443, 444]}
          - {from: [both, v4], to: [both], ports: [443-444/tcp, 80/tcp]}
          - {from: v4, to: 10.0.0.0/8}
        deny:
          - {from: [v4], to: [10.0.0.0/9, 10.128.0.0/9]}
        """);

    [Fact]
    public void Addresses_in_several_networks_are_warned_of_once_a_pair() => Reader.Says(
        """
        policy.yaml:4:3: warning: the networks 'it' and 'dev' share 10.1.0.0/16; its addresses belong to both
        policy.yaml:5:3: warning: the networks 'it' and 'ops' share 10.1.2.0/24; its addresses belong to both
        policy.yaml:5:3: warning: the networks 'dev' and 'ops' share 10.1.2.0/24; its addresses belong to both
        """,
        """
        version: 1
        networks:
          it: {subnets: [10.0.0.0/8, "fd00::/64"]}
          dev: {subnets: [10.1.0.0/16, 10.5.0.0/16, 11.0.0.0/8]}
          ops: {subnets: [10.1.2.0/24, 9.0.0.0/8]}
          far: {subnets: [12.0.0.0/8, "fd00:0:0:1::/64"]}
        """);

    [Fact]
    public void Of_very_many_overlaps_the_rest_is_counted()
    {
        IEnumerable<string> networks = Enumerable.Range(0, 10).Select(i => $"  n{i}: {{subnets: [10.0.0.0/8]}}\n");
        PolicyReadResult result = Reader.Read("version: 1\nnetworks:\n" + string.Concat(networks));
        Assert.Equal(21, result.Diagnostics.Length);
        Assert.Contains(result.Diagnostics, diagnostic => diagnostic.Message == "25 more pairs of networks share addresses");
    }
}

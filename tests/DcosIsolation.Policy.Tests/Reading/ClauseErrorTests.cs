using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class ClauseErrorTests
{
    private const string Networks =
        "version: 1\nnetworks: {hr: {subnets: [192.168.0.0/16]}, it: {subnets: [10.250.0.0/16]}, 10.1: {subnets: [10.1.0.0/16]}}\n";

    [Theory]
    [InlineData(
        "{to: it}",
        "3:9: error: the clause has no 'from'; name a network, a list of networks, a prefix, or \"*\" for every network")]
    [InlineData(
        "{from: it}",
        "3:9: error: the clause has no 'to'; name a network, a list of networks, a prefix, or \"*\" for every network")]
    [InlineData("hr", "3:9: error: an item of 'allow': expected a clause, like {from: hr, to: it, ports: [80/tcp]}, found 'hr'")]
    [InlineData("{from: hr, to: it, port: [0]}", "3:28: error: unknown key 'port'; did you mean 'ports'?\n"
        + "policy.yaml:3:35: error: '0' has no valid port; expected a number from 1 to 65535, or two like 8000-8100")]
    [InlineData("{from: hr, to: ti}", "3:24: error: unknown network 'ti'; did you mean 'it'?")]
    [InlineData("{from: hr, to: IT}", "3:24: error: unknown network 'IT'; did you mean 'it'?")]
    [InlineData("{from: finance, to: it}", "3:16: error: unknown network 'finance'; it is not in 'networks', and no prefix")]
    [InlineData("{from: hr, to: [it, x y]}", "3:29: error: unknown network 'x y'; it is not in 'networks', and no prefix")]
    [InlineData(
        "{from: hr, to: 10.2/16}",
        "3:24: error: '10.2/16' has 2 of an IPv4 address's four numbers; write all four, like 10.1.0.0/16")]
    [InlineData(
        "{from: hr, to: 10.250.1.1/24}",
        "3:24: error: '10.250.1.1/24' has host bits set; write 10.250.1.0/24, or 10.250.1.1/32 for the one address")]
    [InlineData(
        "{from: hr, to: }",
        "3:24: error: 'to': expected a network's name, a prefix, \"*\", or a list of names and prefixes, found nothing")]
    [InlineData("{from: hr, to: []}", "3:24: error: 'to' is an empty list; name at least one network, or write \"*\" for every network")]
    [InlineData(
        "{from: hr, to: [it, '*']}",
        "3:29: error: an item of 'to': \"*\" may not stand here; expected a network's name or a prefix")]
    [InlineData(
        "{from: hr, to: {a: b}}",
        "3:24: error: 'to': expected a network's name, a prefix, \"*\", or a list of names and prefixes, found a mapping")]
    [InlineData("{from: hr, to: it, ports: 80}", "3:35: error: 'ports': expected a list, like [80/tcp, icmp], found '80'")]
    [InlineData("{from: hr, to: it, ports: []}", "3:35: error: 'ports' is an empty list, which may mean every protocol or none;"
        + " remove 'ports' for every protocol, or the clause for none")]
    [InlineData(
        "{from: hr, to: it, ports: [~]}",
        "3:36: error: an item of 'ports': expected a port, like 80/tcp, or a protocol, found nothing")]
    [InlineData("{from: 192.168.1.0/24, to: 'fd00::/64'}", "3:9: error: 192.168.1.0/24 and fd00::/64 are of different families,"
        + " and no packet goes from one to the other; write two prefixes of one family")]
    public void Clauses_are_checked(string clause, string expected) =>
        Reader.Says("policy.yaml:" + expected, $"{Networks}allow: [{clause}]\n");

    [Theory]
    [InlineData("hr", "an item of 'exceptions': expected a [source, destination] pair, like [10.250.1.0/24, 192.168.5.0/24], found 'hr'")]
    [InlineData(
        "[hr]",
        "an item of 'exceptions': expected a [source, destination] pair, like [10.250.1.0/24, 192.168.5.0/24], found a list of 1")]
    [InlineData("['*', hr]", "a side of an exception: \"*\" may not stand here; expected a network's name or a prefix", 1)]
    [InlineData("[[hr], hr]", "a side of an exception: expected a network's name or a prefix, found a list", 1)]
    [InlineData("[hrr, hr]", "unknown network 'hrr'; did you mean 'hr'?", 1)]
    [InlineData("[10.250.0.0/16, 'fd00::/64']", "10.250.0.0/16 and fd00::/64 are of different families,"
        + " and no packet goes from one to the other; write two prefixes of one family")]
    public void Exceptions_are_checked(string pair, string expected, int offset = 0) =>
        Reader.Says($"policy.yaml:3:{14 + offset}: error: {expected}", $"{Networks}exceptions: [{pair}]\n");

    [Fact]
    public void A_name_comes_before_an_address()
    {
        IsolationPolicy policy = Reader.Good(Networks + "allow: [{from: 10.1, to: ['*']}]");
        Assert.Equal("10.1", policy.Allow[0].From[0].Network);
        Assert.True(policy.Allow[0].To[0].IsAny);
    }

    [Fact]
    public void Without_networks_no_name_is_unknown() => Reader.Says(
        """
        policy.yaml:1:1: error: the policy has no 'networks'; expected at least one, like networks: {hr: {subnets: [192.168.0.0/16]}}
        policy.yaml:2:25: error: '10.0.0.1/8' has host bits set; write 10.0.0.0/8, or 10.0.0.1/32 for the one address
        """,
        """
        version: 1
        allow: [{from: [hr, it, 10.0.0.1/8], to: it}]
        """);
}

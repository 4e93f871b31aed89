using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class FailsafeTests
{
    private const string Networks = """
        version: 1
        networks:
          hr: {subnets: [192.168.0.0/16, "fd00:1::/64"]}
          it: {subnets: [10.0.0.0/8]}

        """;

    [Fact]
    public void Addresses_and_ports_are_read_and_canonical()
    {
        FailsafeItem item = Assert.Single(Reader.Good(
            Networks + "failsafe: [{from: [192.168.128.0/17, 192.168.0.0/17, 10.1.2.3], to: 0.0.0.0/0, ports: [icmp, 22, 21]}]").Failsafe);
        Assert.Equal(["10.1.2.3/32", "192.168.0.0/16"], item.From.Select(prefix => prefix.ToString()));
        Assert.Equal(["0.0.0.0/1", "128.0.0.0/1"], item.To.Select(prefix => prefix.ToString()));
        Assert.Equal(["icmp", "21-22/tcp"], item.Services.Select(service => service.ToString()));
        Assert.Equal(5, item.Location.Line);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{from: 192.168.0.0/16}]")]
    [InlineData("[{from: [10.1.0.0/16, 'fd00:1::/64'], ports: [22, icmp, icmpv6]}]")]
    [InlineData("[{from: 0.0.0.0/0, ports: [22]}]")]
    [InlineData("[{from: 10.1.0.0/16, ports: [icmp]}]")]
    public void What_has_a_meaning_is_not_warned_of(string items) => Reader.Good($"{Networks}failsafe: {items}");

    [Theory]
    [InlineData("{}", "5:11: error: 'failsafe': expected a list, like - {from: 192.0.2.0/24, ports: [22/tcp]}, found a mapping")]
    [InlineData("[hr]", "5:12: error: an item of 'failsafe': expected a mapping, like {from: 192.0.2.0/24, ports: [22/tcp]}, found 'hr'")]
    [InlineData("[{ports: [22]}]", "5:12: error: the item of 'failsafe' has no 'from'; write a prefix, or a list of prefixes")]
    [InlineData("[{form: 10.0.0.0/8}]", "5:13: error: unknown key 'form'; did you mean 'from'?")]
    [InlineData("[{from: 10.0.0.0/8, with: 1}]", "5:31: error: unknown key 'with'; an item of 'failsafe' has: from, to, ports")]
    [InlineData(
        "[{from: hr}]",
        "5:19: error: 'from': expected a prefix, or a list of prefixes, found the network 'hr';"
        + " 'failsafe' takes addresses only, so that it holds whatever becomes of the networks")]
    [InlineData(
        "[{from: 10.0.0.0/8, to: ['*']}]",
        "5:36: error: an item of 'to': expected a prefix, found \"*\";"
        + " 'failsafe' takes addresses only, so that it holds whatever becomes of the networks")]
    [InlineData(
        "[{from: 10.0.0.1/8}]", "5:19: error: '10.0.0.1/8' has host bits set; write 10.0.0.0/8, or 10.0.0.1/32 for the one address")]
    [InlineData(
        "[{from: []}]",
        "5:19: error: 'from' is an empty list; name at least one prefix, or write 0.0.0.0/0 and \"::/0\" for every address")]
    [InlineData(
        "[{from: 10.0.0.0/8, to: []}]", "5:35: error: 'to' is an empty list; name at least one prefix, or remove 'to' for every address")]
    [InlineData(
        "[{from: 10.0.0.0/8, ports: []}]",
        "5:38: error: 'ports' is an empty list, which may mean every protocol or none;"
        + " remove 'ports' for every protocol, or the clause for none")]
    [InlineData("[{from: 10.0.0.0/8, ports: [tpc]}]", "5:39: error: 'tpc' is no protocol and no port; did you mean 'tcp'?")]
    [InlineData(
        "[{from: 10.0.0.0/8, to: 'fd00:1::/64'}]",
        "5:12: error: 'from' and 'to' are of different families, and no packet goes from one to the other; write prefixes of one family")]
    [InlineData(
        "[{from: 0.0.0.0/0}]",
        "5:12: warning: every IPv4 packet is accepted from wherever it comes, which switches the isolation off;"
        + " name the addresses that need it, or 'ports'")]
    [InlineData(
        "[{from: '::/0', to: 'fd00:1::/64'}]",
        "5:12: warning: every IPv6 packet to 'to' is accepted from wherever it comes, which switches the isolation off;"
        + " name the addresses that need it, or 'ports'")]
    [InlineData(
        "[{from: 10.1.0.0/16, ports: [icmpv6]}]",
        "5:12: warning: no packet can match icmpv6: the two sides have only IPv4 in common; write icmp")]
    [InlineData(
        "[{from: [10.1.0.0/16, 'fd00:1::/64'], to: 10.0.0.0/8}]",
        "5:12: warning: no IPv6 packet can match: 'to' has no IPv6 prefix; add one there, or remove those of 'from'")]
    [InlineData(
        "[{from: 203.0.113.0/24}]",
        "5:19: info: 203.0.113.0/24 is outside of every network:"
        + " packets from and to there never enter the chain, and need no failsafe")]
    public void Mistakes_are_reported_with_their_place(string items, string expected) =>
        Reader.Says("policy.yaml:" + expected, $"{Networks}failsafe: {items}");
}

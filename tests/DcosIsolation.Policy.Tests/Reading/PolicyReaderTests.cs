using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class PolicyReaderTests
{
    private const string HrAndIt = """
        version: 1
        networks:
          it: {subnets: [10.250.0.0/16, "fd00:2::/64"]}
          hr: {subnets: [192.168.0.0/16, "fd00:1::/64"]}
        allow:
          - {from: hr, to: it, ports: [80/tcp]}
        """;

    [Fact]
    public void The_seeds_policy_says_what_it_says()
    {
        IsolationPolicy policy = Reader.Good(HrAndIt);
        Assert.Equal(DefaultVerdict.Deny, policy.Default);
        Assert.Equal(DenyMode.Reject, policy.DenyWith);
        Assert.Equal(["hr", "it"], policy.Networks.Select(network => network.Name));
        Assert.Equal(["192.168.0.0/16", "fd00:1::/64"], policy.Networks[0].Prefixes.Select(prefix => prefix.ToString()));
        Assert.All(policy.Networks, network => Assert.True(network.InternalAllowed));
        Assert.Equal(new SourceLocation("policy.yaml", 4, 3), policy.Networks[0].Location);

        Clause clause = Assert.Single(policy.Allow);
        Assert.Equal(Endpoint.Of("hr"), Assert.Single(clause.From));
        Assert.Equal(Endpoint.Of("it"), Assert.Single(clause.To));
        Assert.Equal(new Service(Protocol.Tcp, 80, 80), Assert.Single(clause.Services));
        Assert.Equal(new SourceLocation("policy.yaml", 6, 5), clause.Location);
        Assert.Empty(policy.Deny);
        Assert.Empty(policy.Exceptions);
    }

    [Fact]
    public void Every_key_of_the_format_is_read()
    {
        IsolationPolicy policy = Reader.Good(
            """
            version: 1
            default: accept
            deny-with: drop
            allow:
              - {from: [hr, 10.250.3.0/24], to: "*"}
            deny:
              - {from: 192.168.4.4, to: [it], ports: [22, 8000-8100/udp, icmp]}
            exceptions:
              - [10.250.1.0/24, hr]
            networks:
              hr: {subnets: [192.168.0.0/16]}
              it: {subnets: [10.250.0.0/16], subnets-file: lists/it.txt, internal: deny}
            """,
            ("lists/it.txt", "10.9.0.0/24\n"));
        Assert.Equal(DefaultVerdict.Accept, policy.Default);
        Assert.Equal(DenyMode.Drop, policy.DenyWith);
        Assert.False(policy.Networks[1].InternalAllowed);
        Assert.Equal("10.9.0.0/24 10.250.0.0/16", string.Join(' ', policy.Networks[1].Prefixes));
        Assert.Equal("hr 10.250.3.0/24", string.Join(' ', policy.Allow[0].From));
        Assert.True(policy.Allow[0].To[0].IsAny);
        Assert.Empty(policy.Allow[0].Services);
        Assert.Equal("192.168.4.4/32", policy.Deny[0].From[0].ToString());
        Assert.Equal("icmp 22/tcp 8000-8100/udp", string.Join(' ', policy.Deny[0].Services));
        Assert.Equal("10.250.1.0/24", policy.Exceptions[0].Source.ToString());
        Assert.Equal("hr", policy.Exceptions[0].Destination.ToString());
    }

    [Fact]
    public void Json_is_yaml()
    {
        IsolationPolicy policy = Reader.Good(
            """
            {
              "version": 1,
              "networks": {"hr": {"subnets": ["192.168.0.0/16"]}, "it": {"subnets": ["10.250.0.0/16"]}},
              "allow": [{"from": "hr", "to": "*", "ports": [80, "443/tcp"]}]
            }
            """);
        Assert.Equal("80/tcp 443/tcp", string.Join(' ', policy.Allow[0].Services));
    }

    [Theory]
    [InlineData("\ufeff", "\n")]
    [InlineData("", "\r\n")]
    [InlineData("\ufeff# überall → 𝄞\n", "\r\n")]
    [InlineData("%YAML 1.2\n---\n", "\n")]
    public void Byte_order_marks_line_ends_and_unicode_change_nothing(string before, string lineEnd)
    {
        IsolationPolicy policy = Reader.Good(before + HrAndIt.ReplaceLineEndings(lineEnd));
        Assert.Equal(PolicyDigest.Compute(Reader.Good(HrAndIt)), PolicyDigest.Compute(policy));
    }

    [Fact]
    public void Places_count_lines_alike_with_any_line_end() => Reader.Says(
        "policy.yaml:3:6: error: the network 'hr': expected a mapping with 'subnets' or 'subnets-file', found nothing",
        "version: 1\r\nnetworks:\r\n  hr:");

    [Fact]
    public void Every_address_becomes_two_halves_in_a_network_and_stays_whole_in_a_clause()
    {
        IsolationPolicy policy = Reader.Good(
            """
            version: 1
            networks: {all: {subnets: [0.0.0.0/0, "::/0"]}}
            deny: [{from: 0.0.0.0/0, to: all}]
            """);
        Assert.Equal("0.0.0.0/1 128.0.0.0/1 ::/1 8000::/1", string.Join(' ', policy.Networks[0].Prefixes));
        Assert.Equal("0.0.0.0/0", policy.Deny[0].From[0].ToString());
    }

    [Fact]
    public void A_subnets_file_is_found_beside_the_policy()
    {
        List<string> opened = [];
        const string policy = "{version: 1, networks: {a: {subnets-file: a.txt}, b: {subnets-file: /b.txt}}}";
        PolicyReader.Read("/etc/isolation/policy.yaml", policy, path =>
        {
            opened.Add(path);
            return Reader.Bytes("10.0.0.1");
        });
        Assert.Equal(["/etc/isolation/a.txt", "/b.txt"], opened);
    }

    [Fact]
    public void Ten_mistakes_are_ten_errors() => Reader.Says(
        """
        policy.yaml:1:10: error: 'version': expected 1, the one version of the format so far, found '2'
        policy.yaml:2:10: error: 'default': expected deny or accept, found 'denny'; did you mean 'deny'?
        policy.yaml:4:3: error: the network name 'dcos-hr' starts with 'dcos-', which is reserved; choose another name
        policy.yaml:4:23: error: '192.168.0.0./16' has an empty number beside a dot; expected four numbers from 0 to 255, like 192.168.0.0/16
        policy.yaml:6:5: error: unknown key 'subnet'; did you mean 'subnets'?
        policy.yaml:6:14: error: '10.0.0.1/8' has host bits set; write 10.0.0.0/8, or 10.0.0.1/32 for the one address
        policy.yaml:8:12: error: unknown network 'hr'; it is not in 'networks', and no prefix
        policy.yaml:8:32: error: unknown protocol 'tpc' in '80/tpc'; did you mean 'tcp'?
        policy.yaml:9:5: error: the clause has no 'to'; name a network, a list of networks, a prefix, or "*" for every network
        policy.yaml:11:5: error: an item of 'exceptions': expected a [source, destination] pair, like [10.250.1.0/24, 192.168.5.0/24], found a list of 1
        """,
        """
        version: 2
        default: denny
        networks:
          dcos-hr: {subnets: [192.168.0.0./16]}
          it:
            subnet: [10.0.0.1/8]
        allow:
          - {from: hr, to: it, ports: [80/tpc]}
          - {from: it}
        exceptions:
          - [it]
        """);
}

using System.Security.Cryptography;
using System.Text;
using DcosIsolation.Policy.Tests.Reading;
using Xunit;

namespace DcosIsolation.Policy.Tests.Model;

public class PolicyDigestTests
{
    private const string Policy = """
        version: 1
        networks:
          hr: {subnets: [192.168.0.0/16, "fd00:1::/64"]}
          it: {subnets: [10.250.0.0/16], subnets-file: it.txt, internal: deny}
        allow:
          - {from: hr, to: [it, 10.250.0.0/24, 192.168.0.0/24], ports: [80, 443/tcp, 53/udp]}
          - {from: it, to: "*"}
        deny:
          - {from: hr, to: it, ports: [22]}
        exceptions:
          - [10.250.1.0/24, hr]

        """;

    private const string Rules = """
        rules:
          first: ["-s @hr -j LOG --log-prefix 'a b'", {ipv4: -p icmp -j ACCEPT}]
          last: [-j DROP]

        """;

    [Fact]
    public void The_canonical_text_is_this()
    {
        StringWriter text = new();
        CanonicalPolicy.Write(Read(Policy), text);
        Assert.Equal(
            """
            dcos-isolation policy 1
            default deny
            deny-with reject
            network hr internal allow
            192.168.0.0/16
            fd00:1::/64
            network it internal deny
            10.250.0.0/16
            172.16.0.0/12
            deny from hr to it ports 22/tcp
            allow from hr to it 10.250.0.0/24 192.168.0.0/24 ports 80/tcp 443/tcp 53/udp
            allow from it to *
            exception from 10.250.1.0/24 to hr

            """,
            text.ToString());
    }

    [Fact]
    public void Rules_are_written_in_order_and_alike_whatever_their_quotes()
    {
        StringWriter text = new();
        CanonicalPolicy.Write(Read(Policy + Rules), text);
        Assert.EndsWith(
            """
            exception from 10.250.1.0/24 to hr
            rule first ipv4 -m set --match-set @hr src -j LOG --log-prefix "a b"
            rule first ipv4 -p icmp -j ACCEPT
            rule first ipv6 -m set --match-set @hr src -j LOG --log-prefix "a b"
            rule last ipv4 -j DROP
            rule last ipv6 -j DROP

            """,
            text.ToString(),
            StringComparison.Ordinal);
        string digest = PolicyDigest.Compute(Read(Policy + Rules));
        Assert.Equal(digest, PolicyDigest.Compute(Read(Policy + Rules.Replace("'a b'", "\\\"a b\\\"", StringComparison.Ordinal))));
        Assert.Equal(digest, PolicyDigest.Compute(Read(Policy + Rules.Replace("[-j DROP]", "[{ipv6: -j DROP}, {ipv4: -j DROP}]", StringComparison.Ordinal))));
        Assert.NotEqual(digest, PolicyDigest.Compute(Read(Policy + Rules.Replace("first", "x", StringComparison.Ordinal)
            .Replace("last", "first", StringComparison.Ordinal).Replace("x", "last", StringComparison.Ordinal))));
        Assert.NotEqual(digest, PolicyDigest.Compute(Read(Policy + Rules.Replace("[-j DROP]", "[-j DROP, -j DROP]", StringComparison.Ordinal))));
    }

    // Computed with sha256sum over the text above: a change of this value is a change of every cluster's digest.
    [Fact]
    public void The_digest_is_this() => Assert.Equal(Known, PolicyDigest.Compute(Read(Policy)));

    private const string Known = "eb515f8d7ebd49ca97037474443007547cb9f4fff202bba7f2b70489827a1d95";

    // About the lengths at which what is hashed at a time ends, and beyond.
    [Theory]
    [InlineData(79)]
    [InlineData(80)]
    [InlineData(81)]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public void The_digest_is_the_hash_of_the_text_however_long_it_is(int prefixes)
    {
        IEnumerable<string> lines = Enumerable.Range(0, prefixes)
            .Select(i => i % 2 == 0 ? $"10.{i >> 12}.{i >> 4 & 255}.{i % 16 * 16}/30" : $"fd00:{i >> 8:x}:{i & 255:x}::/64");
        IsolationPolicy policy = new PolicyBuilder().Net("a", string.Join(' ', lines)).Net("b", "192.0.2.0/24").Build();
        StringWriter text = new();
        CanonicalPolicy.Write(policy, text);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))), PolicyDigest.Compute(policy));
    }

    [Theory]
    [InlineData("default: deny")]
    [InlineData("default: accept")]
    [InlineData("log-denied: {limit: 1/sec}")]
    public void A_state_that_gets_its_digest_later_is_the_same(string more)
    {
        IsolationPolicy policy = Read(Policy.Replace("version: 1", "version: 1\n" + more, StringComparison.Ordinal));
        DesiredState expected = PolicyCompiler.Compile(policy, Known, KernelAbilities.All);

        DesiredState actual = PolicyCompiler.Compile(policy, "", KernelAbilities.All).WithPolicyDigest(Known);

        Assert.Equal(Known, actual.PolicyDigest);
        Assert.Equal(expected.Families.SelectMany(family => family.Chain), actual.Families.SelectMany(family => family.Chain));
        Assert.Equal(StateDigest.Of(expected), StateDigest.Of(actual));
    }

    [Fact]
    public void A_policy_spelled_otherwise_has_the_same_digest() => Assert.Equal(Known, PolicyDigest.Compute(Read(
        """
        # The same, as JSON and upside down.
        {
          "exceptions": [["10.250.1.0/24", "hr"], ["10.250.1.0/24", "hr"]],
          "deny": [{"ports": ["22/tcp", "22"], "to": ["it"], "from": ["hr"]}],
          "allow": [
            {"from": "it", "to": ["*"]},
            {"from": "hr", "to": ["192.168.0.0/25", "192.168.0.128/25", "10.250.0.0/24", "it"], "ports": ["53-53/udp", 443, 80]},
          ],
          "networks": {
            "it": {"subnets": ["172.16.0.0/13", "172.24.0.0/13", "10.250.0.0/16"], "internal": "deny"},
            "hr": {"subnets": ["fd00:0001::/64", "192.168.0.0/16", "192.168.7.0/24"], "internal": "allow"}
          },
          "deny-with": "reject", "default": "deny", "version": 1
        }
        """)));

    [Theory]
    [InlineData("version: 1", "version: 1\ndefault: accept")]
    [InlineData("version: 1", "version: 1\ndeny-with: drop")]
    [InlineData("192.168.0.0/16", "192.168.0.0/17")]
    [InlineData("internal: deny", "internal: allow")]
    [InlineData("  it:", "  other: {subnets: [10.99.0.0/16]}\n  it:")]
    [InlineData("80, 443/tcp, 53/udp", "80, 443/tcp, 53/tcp")]
    [InlineData(", ports: [22]", "")]
    [InlineData("allow:", "allow:\n  - {from: it, to: hr}")]
    [InlineData("to: \"*\"", "to: hr")]
    [InlineData("exceptions:\n  - [10.250.1.0/24, hr]", "")]
    [InlineData("[10.250.1.0/24, hr]", "[hr, 10.250.1.0/24]")]
    public void A_policy_that_says_otherwise_has_another_digest(string from, string to)
    {
        string changed = Policy.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Policy, changed);
        Assert.NotEqual(Known, PolicyDigest.Compute(Read(changed)));
    }

    [Fact]
    public void Failsafe_and_log_denied_are_of_the_policy()
    {
        const string more = """
            log-denied: {nflog-group: 7, prefix: "denied: "}
            failsafe:
              - {from: 10.250.0.0/16, ports: [icmp, 22]}
              - {from: ["fd00:1::/64", 192.168.0.0/24], to: [10.250.2.0/24, 0.0.0.0/1, "fd00::/8"]}
            """;
        StringWriter text = new();
        CanonicalPolicy.Write(Read(Policy + more), text);
        Assert.Contains("\nlog-denied limit 10/sec nflog-group 7 prefix denied: \nnetwork hr", text.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(
            """
            failsafe from 10.250.0.0/16 ports icmp 22/tcp
            failsafe from 192.168.0.0/24 fd00:1::/64 to 0.0.0.0/1 fd00::/8

            """,
            text.ToString(),
            StringComparison.Ordinal);
        string digest = PolicyDigest.Compute(Read(Policy + more));
        Assert.NotEqual(Known, digest);
        Assert.Equal(digest, PolicyDigest.Compute(Read(Policy + """
            failsafe:
              - {from: [10.250.128.0/17, 10.250.0.0/17], ports: [22/tcp, icmp/8, icmp]}
              - {to: ["fd00::/8", 0.0.0.0/1], from: [192.168.0.0/25, 192.168.0.128/25, "fd00:1::/64"]}
            log-denied: {limit: 600/m, nflog-group: 7, prefix: "denied: "}
            """)));
        foreach ((string from, string to) in ((string, string)[])
            [("7", "8"), ("nflog-group: 7, ", ""), ("denied: \"", "denied\""), ("log-denied: {", "log-denied: {limit: 9/s, "),
             ("icmp, 22", "icmp"), ("192.168.0.0/24", "192.168.0.0/25"), (", to: [10.250.2.0/24, 0.0.0.0/1, \"fd00::/8\"]", "")])
        {
            string changed = more.Replace(from, to, StringComparison.Ordinal);
            Assert.NotEqual(more, changed);
            Assert.NotEqual(digest, PolicyDigest.Compute(Read(Policy + changed)));
        }
    }

    private static IsolationPolicy Read(string text)
    {
        PolicyReadResult result = Reader.Read(text, ("it.txt", "172.16.0.0/12\n"));
        return result.Policy ?? throw new FormatException(string.Join('\n', result.Diagnostics));
    }
}

using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>The operator's own rules, on real packets.</summary>
public sealed partial class OperatorRuleTests : IDisposable
{
    private const string Networks = """
        version: 1
        networks:
          hr: {subnets: [192.168.1.0/24, "fd00:1::/64"]}
          it: {subnets: [10.250.1.0/24, "fd00:2::/64"]}
        allow: [{from: hr, to: it, ports: [80/tcp]}]

        """;

    private static readonly AddressFamily[] s_families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    private readonly TestNetwork _network = new();
    private readonly Node _node;
    private readonly TestHost _hr;
    private readonly TestHost _it;

    public OperatorRuleTests()
    {
        _node = new Node(_network.Node);
        _hr = _network.AddHost("hr", "192.168.1.2/24", "fd00:1::2/64").ListenTcp(80, 22);
        _it = _network.AddHost("it", "10.250.1.2/24", "fd00:2::2/64").ListenTcp(80, 22, 8000);
    }

    public void Dispose()
    {
        _node.Dispose();
        _network.Dispose();
    }

    [Fact]
    public void A_first_rule_lets_a_denied_pair_through_and_stops_an_allowed_one()
    {
        Apply("");
        AssertFate(_hr, _it, 80, Outcome.Reached);
        AssertFate(_hr, _it, 22, Outcome.Rejected);

        Apply("first: ['-p tcp --dport 22 -j ACCEPT', '-p tcp --dport 80 -j DROP']");
        AssertFate(_hr, _it, 80, Outcome.TimedOut);
        AssertFate(_hr, _it, 22, Outcome.Reached);

        Apply("");
        AssertFate(_hr, _it, 80, Outcome.Reached);
        AssertFate(_hr, _it, 22, Outcome.Rejected);
    }

    [Fact]
    public void A_rule_asks_for_a_network_and_for_all_but_one()
    {
        Apply("first: ['-s @hr -p tcp --dport 22 -j ACCEPT']");
        AssertFate(_hr, _it, 22, Outcome.Reached);
        AssertFate(_it, _hr, 22, Outcome.Rejected);

        Apply("first: ['! -s @hr -p tcp --dport 22 -j ACCEPT']");
        AssertFate(_hr, _it, 22, Outcome.Rejected);
        AssertFate(_it, _hr, 22, Outcome.Reached);

        Apply("first: ['-m set ! --match-set @it dst -p tcp --dport 22 -j ACCEPT']");
        AssertFate(_hr, _it, 22, Outcome.Rejected);
        AssertFate(_it, _hr, 22, Outcome.Reached);
    }

    [Fact]
    public void A_last_rule_counts_what_nothing_has_decided()
    {
        Apply("{first: ['-j LOG'], last: ['-p tcp --syn']}");
        AssertFate(_hr, _it, 80, Outcome.Reached);
        Assert.All(s_families, family => Assert.Equal(0, Packets(family, "--tcp-flags")));
        int logged = Packets(s_families[0], "-j LOG");
        Assert.True(logged > 1);

        AssertFate(_hr, _it, 22, Outcome.Rejected);
        Assert.All(s_families, family => Assert.True(Packets(family, "--tcp-flags") > 0));
        Assert.True(Packets(s_families[0], "-j LOG") > logged);
    }

    [Fact]
    public void The_second_apply_writes_nothing_whatever_the_rule()
    {
        const string Rules = """
            first:
              - "-m limit --limit 5/min --limit-burst 9 -j LOG --log-prefix 'it''s \"seen\" '"
              - {ipv4: "-s 192.168.1.0/24,10.250.1.7 -p tcp -m tcp --syn ! --sport 1:7 -j DROP"}
              - "-s @hr ! -d @it -p udp -m multiport --dports 53,99:100 -j RETURN"
              - "-s @hr -j DROP"
              - "-m comment --comment 'all of it' -m set ! --match-set @hr src"
              - "-i lo -j REJECT --reject-with tcp-reset -p tcp"
              - "-m connbytes --connbytes 10: --connbytes-dir both --connbytes-mode bytes -j ACCEPT"
            last:
              - "-m hashlimit --hashlimit-upto 10/sec --hashlimit-name x --hashlimit-mode srcip -j ACCEPT"
              - "-j REJECT"
            """;
        string policy = _node.Policy(Yaml(Rules));
        _node.Run("apply", policy).EnsureSuccess();
        string before = Everything();
        Assert.Equal(0, _node.Run("plan", policy).ExitCode);
        Assert.StartsWith("nothing to do", _node.Run("apply", policy).EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.Equal(before, Everything());
        Assert.Equal(Digest(_node.Run("plan", policy)), Digest(_node.Run("show")));
    }

    [Fact]
    public void They_come_with_the_one_commit_of_each_family_and_are_told_as_text()
    {
        string policy = _node.Policy(Yaml("{first: ['-s @hr -j LOG', {ipv6: '-s @it -j ACCEPT'}], last: ['-p 17']}"));
        using JsonDocument plan = JsonDocument.Parse(_node.Run("plan", "--json", policy).Output);
        string[] rules = [.. plan.RootElement.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("rule").GetString()!)];
        Assert.Contains("-A dcos-isolation -m set --match-set dcos-net-it6 src -j ACCEPT", rules);
        Assert.Equal(2, rules.Count(rule => rule == "-A dcos-isolation -p udp"));

        using JsonDocument applied = JsonDocument.Parse(_node.Run("apply", "--json", policy).EnsureSuccess().Output);
        Assert.Equal(2, applied.RootElement.GetProperty("tableCommits").GetInt32());
        using JsonDocument again = JsonDocument.Parse(_node.Run("apply", "--json", policy).EnsureSuccess().Output);
        Assert.Equal(0, again.RootElement.GetProperty("tableCommits").GetInt32());
    }

    [Theory]
    [InlineData("-R dcos-isolation 1 -p tcp --dport 23 -j ACCEPT", "-p tcp -m tcp --dport 23 -j ACCEPT")]
    [InlineData("-D dcos-isolation 2", "-p udp -j LOG")]
    [InlineData("-I dcos-isolation -m ttl --ttl-eq 3 -j ACCEPT", "-m ttl --ttl-eq 3 -j ACCEPT")]
    [InlineData("-A dcos-isolation -p tcp --dport 22 -j ACCEPT", "-p tcp -m tcp --dport 22 -j ACCEPT")]
    public void Drift_is_seen_and_repaired(string damage, string told)
    {
        Apply("first: ['-p tcp --dport 22 -j ACCEPT', '-p udp -j LOG']");
        string policy = _node.Write("policy.yaml", Yaml("first: ['-p tcp --dport 22 -j ACCEPT', '-p udp -j LOG']"));
        string[] wanted = Chain(s_families[0]);
        _node.Reference($"iptables-legacy {damage}");

        ProgramResult plan = _node.Run("plan", policy);
        Assert.Equal(3, plan.ExitCode);
        Assert.Contains(told, plan.Output, StringComparison.Ordinal);
        Assert.NotEqual(Digest(plan), Digest(_node.Run("show")));

        _node.Run("apply", policy).EnsureSuccess();
        Assert.Equal(wanted, Chain(s_families[0]));
        Assert.Equal(0, _node.Run("plan", policy).ExitCode);
        AssertFate(_hr, _it, 22, Outcome.Reached);
    }

    [Fact]
    public void Counters_outlive_an_apply_that_changes_something_else()
    {
        Apply("first: ['-s @hr -p tcp --dport 22 -j ACCEPT']");
        AssertFate(_hr, _it, 22, Outcome.Reached);
        int before = Packets(s_families[0], "--dport 22");
        Assert.True(before > 0);

        _node.Apply(Yaml("first: ['-p udp', '-s @hr -p tcp --dport 22 -j ACCEPT']").Replace(
            "192.168.1.0/24", "192.168.1.0/24, 192.168.7.0/24", StringComparison.Ordinal));
        Assert.Equal(before, Packets(s_families[0], "--dport 22"));
    }

    [Theory]
    [InlineData("-p tcp --dprot 22 -j ACCEPT", "unknown option '--dprot'")]
    [InlineData("-j LGO", "'LGO' is neither a target that is installed here nor a chain of the table; did you mean 'LOG'?")]
    [InlineData("-m set --match-set mine src -j DROP", "Set mine doesn't exist")]
    [InlineData("-p sctp --chunk-types any NONSENSE", "NONSENSE")]
    public void A_rule_that_is_none_is_refused_at_its_place_with_nothing_changed(string rule, string why)
    {
        Apply("");
        string before = Everything();
        string path = _node.Policy(Yaml($"first:\n  - {rule}"));
        foreach (string command in new[] { "apply", "plan" })
        {
            ProgramResult result = _node.Run(command, path);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains($"{path}:8:7: error: ", result.Error, StringComparison.Ordinal);
            Assert.Contains(why, result.Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, Everything());
    }

    [Fact]
    public void What_the_kernel_refuses_leaves_everything_as_it_was()
    {
        Apply("");
        string before = Everything();
        ProgramResult result = _node.Run("apply", _node.Policy(Yaml("last: ['-j MARK --set-mark 1', '-j DNAT --to-destination 10.0.0.1']")));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void Rules_jump_to_chains_of_the_operators()
    {
        foreach (string program in new[] { "iptables-legacy", "ip6tables-legacy" })
        {
            _node.Reference($"{program} -N mine");
            _node.Reference($"{program} -A mine -p tcp --dport 22 -j ACCEPT");
        }

        Apply("first: ['-j mine']");
        AssertFate(_hr, _it, 22, Outcome.Reached);
        AssertFate(_hr, _it, 8000, Outcome.Rejected);
        Assert.Equal(0, _node.Plan(Yaml("first: ['-j mine']")).ExitCode);

        Apply("first: ['-g mine']");
        AssertFate(_hr, _it, 22, Outcome.Reached);
        Assert.Equal(0, _node.Plan(Yaml("first: ['-g mine']")).ExitCode);
    }

    [Fact]
    public void A_set_of_the_operators_can_be_asked_beside_the_policys()
    {
        _node.Reference("ipset create mine hash:ip");
        _node.Reference("ipset add mine 192.168.1.2");
        Apply("first: [{ipv4: '-d @it -m set --match-set mine src -p tcp --dport 22 -j ACCEPT'}]");
        Assert.Equal(Outcome.Reached, Probe.Send(_hr, _it, s_families[0], Traffic.Tcp(22)));
        Assert.Equal(0, _node.Plan(Yaml("first: [{ipv4: '-d @it -m set --match-set mine src -p tcp --dport 22 -j ACCEPT'}]")).ExitCode);
    }

    private static string Yaml(string rules) => rules.Length == 0 ? Networks
        : rules.StartsWith('{') ? $"{Networks}rules: {rules}\n"
        : $"{Networks}rules:\n  {rules.Replace("\n", "\n  ", StringComparison.Ordinal)}\n";

    private static string Digest(ProgramResult result) =>
        result.Output.Split('\n').Single(line => line.StartsWith("state digest", StringComparison.Ordinal));

    // Less what the built-in chains count: hosts talk to the node on their own.
    private string Everything() => BuiltIn().Replace(_node.Everything(), "");

    private void Apply(string rules) => _node.Apply(Yaml(rules));

    private static void AssertFate(TestHost from, TestHost to, int port, Outcome expected)
    {
        TimeSpan? deadline = expected == Outcome.TimedOut ? TimeSpan.FromMilliseconds(500) : null;
        Assert.All(s_families, family => Assert.Equal(expected, Probe.Send(from, to, family, Traffic.Tcp(port), deadline)));
    }

    private string[] Chain(AddressFamily family) =>
    [
        .. _node.Rules(family == AddressFamily.InterNetworkV6).Split('\n')
            .Where(line => line.Contains("-A dcos-isolation", StringComparison.Ordinal))
            .Select(line => Counters().Replace(line, "")),
    ];

    private int Packets(AddressFamily family, string rule)
    {
        string line = _node.Rules(family == AddressFamily.InterNetworkV6).Split('\n')
            .First(line => line.Contains("-A dcos-isolation", StringComparison.Ordinal) && line.Contains(rule, StringComparison.Ordinal));
        return int.Parse(line[1..line.IndexOf(':', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^\[\d+:\d+\] | applied \S+(?="")")]
    private static partial Regex Counters();

    [GeneratedRegex(@"(?m)^:[A-Z]+ ACCEPT \[\d+:\d+\]$")]
    private static partial Regex BuiltIn();
}

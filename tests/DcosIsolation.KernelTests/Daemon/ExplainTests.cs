using System.Net.Sockets;
using System.Text.Json;
using DcosIsolation.Lab;
using DcosIsolation.Policy;
using DcosIsolation.Policy.Tests;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>explain, of policies in force and of what others have changed.</summary>
public sealed class ExplainTests(PacketNetwork network) : IClassFixture<PacketNetwork>
{
    private const string HrIt = """
        version: 1
        networks:
          a: {subnets: [10.1.0.0/16, "fd00:1::/32"]}
          b: {subnets: [10.2.0.0/16, "fd00:2::/32"]}
        deny:
          - {from: 10.1.1.0/24, to: b, ports: [22]}
        allow:
          - {from: a, to: b, ports: [80/tcp, 22]}

        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static readonly string[] s_addresses =
    [
        "10.1.1.2", "10.1.2.2", "10.1.3.3", "10.2.1.2", "10.3.1.2", "203.0.113.2", "198.51.100.1",
        "fd00:1:0:1::2", "fd00:1:0:2::2", "fd00:2:0:1::2", "fd00:3:0:1::2", "2001:db8::2", "2001:db9::2",
    ];

    private static readonly string[] s_services =
        ["80/tcp", "81/tcp", "8000/tcp", "53/udp", "9000/udp", "7/sctp", "icmp/8/0", "icmp/3/1", "icmpv6/128/0", "icmpv6/1/4", ""];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void The_kernel_and_the_policy_say_the_same_of_every_pair_and_it_is_what_is_documented(int seed)
    {
        string yaml = RandomPolicy.Text(seed);
        network.Apply(yaml);
        IsolationPolicy policy = PolicyReader.Read("policy.yaml", yaml, File.OpenRead).Policy!;
        (string Line, Packet Packet)[] questions = [.. Questions()];
        ProgramResult result = network.Node.Run(
            "explain", "--policy", network.Node.Policy(yaml), "--questions", network.Node.Write("q", string.Join('\n', questions.Select(q => q.Line))));

        string[] answers = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((0, questions.Length), (result.ExitCode, answers.Length));
        for (int i = 0; i < answers.Length; i++)
        {
            string[] columns = answers[i].Split('\t');
            RuleTarget documented = SlowModel.Judge(policy, questions[i].Packet);
            Assert.True(
                columns[7] == "same" && Targets(columns[3]) == documented && Targets(columns[5]) == documented,
                $"{answers[i]}, but documented is {documented}, by the policy\n{yaml}");
        }
    }

    [Fact]
    public void Packets_fare_as_the_kernel_is_said_to_treat_them()
    {
        network.Apply(HrIt);
        foreach ((string from, string to, int port) in new[] { ("a1", "b1", 80), ("a1", "b1", 81), ("b1", "a1", 80), ("a1", "c1", 80) })
        {
            foreach (AddressFamily family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
            {
                (TestHost source, TestHost destination) = (network.Host(from), network.Host(to));
                string[] question = [$"{source.Address(family)}", $"{destination.Address(family)}", $"{port}/tcp"];
                using JsonDocument json = JsonDocument.Parse(network.Node.Run(["explain", "--json", .. question]).EnsureSuccess().Output);
                string verdict = json.RootElement.GetProperty("kernel").GetProperty("verdict").GetString()!;
                Outcome outcome = Probe.Send(source, destination, family, Traffic.Tcp(port));
                Assert.Equal(outcome == Outcome.Rejected ? RuleTarget.Reject : RuleTarget.Return, Targets(verdict));
            }
        }
    }

    [Fact]
    public void The_kernel_alone_names_networks_and_rules_without_a_file()
    {
        network.Apply(HrIt);
        ProgramResult result = network.Node.Run("explain", "--from-kernel", "10.1.2.2", "10.2.1.2", "22");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("10.1.2.2 (a) to 10.2.1.2 (b), 22/tcp: passes\nkernel   passes: rule ", result.Output, StringComparison.Ordinal);
        Assert.Contains("note     policy digest ", result.Output, StringComparison.Ordinal);
        Assert.StartsWith("10.1.1.2 (a) to 10.2.1.2 (b), 22/tcp: rejected", Explain("10.1.1.2 10.2.1.2 22", 0), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_is_gone_differs()
    {
        network.Apply(HrIt);
        Assert.DoesNotContain("differs", Compare("10.1.1.2 10.2.1.2 80", 0), StringComparison.Ordinal);
        network.Node.Reference("ipset del dcos-net-b 10.2.0.0/16");
        Assert.Contains(
            "differs  the policy lets it pass (POLICY:8:5: allow from a to b ports 22/tcp 80/tcp), "
            + "the kernel does not judge it (the jump to the chain does not match)\n",
            Compare("10.1.1.2 10.2.1.2 80", 1),
            StringComparison.Ordinal);
        Assert.DoesNotContain("differs", Compare("10.1.1.2 10.1.2.2 80", 0), StringComparison.Ordinal);
    }

    [Fact]
    public void What_changes_between_two_questions_is_seen()
    {
        const string Question = "10.1.2.2 10.2.1.2 81/tcp";
        network.Apply(HrIt);
        string fifo = Path.Combine(Path.GetDirectoryName(network.Node.Write("x", ""))!, "questions");
        network.Node.Exec(["mkfifo", fifo]).EnsureSuccess();
        string[] command = network.Node.Netlinkd(["explain", "--questions", "-"]);
        using RunningProgram explain = network.Node.Space.Start("sh", ["-c", "exec \"$@\" <\"$0\"", fifo, .. command]);
        using var questions = new StreamWriter(fifo) { AutoFlush = true };

        questions.WriteLine(Question);
        explain.WaitForOutput("rejected", s_patience);
        network.Node.Reference("ipset del dcos-net-b 10.2.0.0/16");
        questions.WriteLine(Question);
        explain.WaitForOutput("not-judged", s_patience);
        network.Node.Reference("ipset add dcos-net-b 10.2.0.0/16");
        questions.WriteLine(Question);
        questions.Close();

        string[] answers = explain.WaitForExit(s_patience).EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["rejected", "not-judged", "rejected"], answers.Select(answer => answer.Split('\t')[5]));
    }

    [Fact]
    public void A_chain_that_was_flushed_differs_where_the_policy_refuses()
    {
        network.Apply(HrIt);
        network.Node.Reference("iptables-legacy -F dcos-isolation");
        Assert.Contains(
            "differs  the policy rejects it (POLICY:6:5: deny from 10.1.1.0/24 to b ports 22/tcp), "
            + "the kernel lets it pass (the end of dcos-isolation)\n",
            Compare("10.1.1.2 10.2.1.2 22", 1),
            StringComparison.Ordinal);
        Assert.DoesNotContain("differs", Compare("fd00:1::1 fd00:2::1 80", 0), StringComparison.Ordinal);
    }

    [Fact]
    public void A_jump_that_is_gone_or_not_the_first_is_named()
    {
        network.Apply(HrIt);
        network.Node.Reference("iptables-legacy -I FORWARD -m mark --mark 7 -j DROP");
        Assert.Contains(
            "note     the jump to dcos-isolation is not the first of FORWARD; 1 rule before it may have decided already\n",
            Compare("10.1.1.2 10.2.1.2 80", 0),
            StringComparison.Ordinal);
        network.Node.Reference("iptables-legacy -F FORWARD");
        Assert.Contains(
            "the kernel does not judge it (the chain dcos-isolation is not in force: no rule of FORWARD jumps to it)",
            Compare("10.1.1.2 10.2.1.2 80", 1),
            StringComparison.Ordinal);
        Assert.DoesNotContain("differs", Compare("10.1.1.2 198.51.100.1 80", 0), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_of_someone_elses_in_the_chain_differs_if_it_may_decide()
    {
        network.Apply(HrIt);
        network.Node.Reference("iptables-legacy -I dcos-isolation -m ttl --ttl-lt 3 -j ACCEPT");
        string answer = Compare("10.1.1.2 10.2.1.2 22", 1);
        Assert.Contains("the kernel has rule 1 of dcos-isolation, which may decide first", answer, StringComparison.Ordinal);
        network.Node.Reference("iptables-legacy -D dcos-isolation 1");
        network.Node.Reference("iptables-legacy -I dcos-isolation -s 10.1.1.0/24 -j ACCEPT");
        Assert.Contains("the kernel accepts it (rule 1 of dcos-isolation: -s 10.1.1.0/24 -j ACCEPT)", Compare("10.1.1.2 10.2.1.2 22", 1), StringComparison.Ordinal);
        Assert.DoesNotContain("differs", Compare("10.1.2.2 10.2.1.2 22", 0), StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_of_the_operators_are_said_to_decide_first_by_both()
    {
        string yaml = HrIt + """
            rules:
              first:
                - -s @b -p tcp --dport 81 -j ACCEPT
                - -j LOG

            """;
        network.Apply(yaml);
        string answer = Compare("10.2.1.2 10.1.1.2 81", 0, yaml);
        Assert.Contains("  before POLICY:11:7: rules.first: -m set --match-set @b src", answer, StringComparison.Ordinal);
        Assert.Contains("  before rule ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("  before", Compare("10.1.1.2 10.2.1.2 81", 0, yaml), StringComparison.Ordinal);
    }

    private static IEnumerable<(string Line, Packet Packet)> Questions()
    {
        foreach (string source in s_addresses)
        {
            foreach (string destination in s_addresses)
            {
                bool isInet6 = source.Contains(':', StringComparison.Ordinal);
                foreach (string service in destination.Contains(':', StringComparison.Ordinal) == isInet6 ? s_services : [])
                {
                    if (!service.StartsWith(isInet6 ? "icmp/" : "icmpv6", StringComparison.Ordinal))
                    {
                        Packet packet = Packet.Of(source, destination, service.Length == 0 ? "0/tcp" : service);
                        yield return ($"{source} {destination} {service}", service.Length == 0 ? packet with { Protocol = 253 } : packet);
                    }
                }
            }
        }
    }

    private static RuleTarget Targets(string verdict) => verdict switch
    {
        "accepted" => RuleTarget.Accept,
        "rejected" => RuleTarget.Reject,
        "dropped" => RuleTarget.Drop,
        "passes" or "not-judged" => RuleTarget.Return,
        _ => throw new ArgumentException(verdict),
    };

    private string Explain(string question, int exitCode, params string[] options)
    {
        ProgramResult result = network.Node.Run(["explain", .. options, .. question.Split(' ')]);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
        return result.Output;
    }

    /// <summary>What is said of a question when policy and kernel are asked, with POLICY for the file's path.</summary>
    private string Compare(string question, int exitCode, string yaml = HrIt)
    {
        string path = network.Node.Policy(yaml);
        return Explain(question, exitCode, "--policy", path).Replace(path, "POLICY", StringComparison.Ordinal);
    }
}

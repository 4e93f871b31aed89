using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Lab;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>
/// An apply killed at any moment leaves each family with the whole old policy or the whole new one, and the next apply cleans up.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 200;
    private static readonly bool[] s_families = [false, true];
    private static readonly string[] s_policies = [Policy("b", "80", "10.4", "fd00:4"), Policy("a", "81", "10.5", "fd00:5")];

    private readonly TestNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public void Every_kill_leaves_a_whole_policy()
    {
        TestHost a = _network.AddHost("a", "10.1.1.2/24", "fd00:1:0:1::2/64").ListenTcp(80, 81);
        TestHost b = _network.AddHost("b", "10.2.1.2/24", "fd00:2:0:1::2/64").ListenTcp(80, 81);
        using var node = new Node(_network.Node);
        string[] paths = [.. s_policies.Select((policy, i) => node.Write($"{i}.yaml", policy))];
        var random = new Random(1);

        // What each policy is, whole, per family: by the state's digest, and to the reference programs.
        var digestsOf = new string[2, 2];
        var whole = new string[2, 2];
        string[][] names = new string[2][];
        double seconds = 0;
        foreach (int policy in new[] { 0, 1 })
        {
            long start = Stopwatch.GetTimestamp();
            node.Run("apply", paths[policy]).EnsureSuccess();
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            (whole[policy, 0], whole[policy, 1]) = InForce(node);
            (digestsOf[policy, 0], digestsOf[policy, 1]) = Read(node).Digests is [var inet, var inet6] ? (inet, inet6) : default;
            names[policy] = [.. node.SetNames().Select(Reduced.Logical).Order(StringComparer.Ordinal)];
        }

        Assert.NotEqual(whole[0, 0], whole[1, 0]);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int current = 1;
        for (int kill = 1; kill <= Kills; kill++)
        {
            int target = 1 - current;
            string delay = (seconds * (0.5 + random.NextDouble())).ToString("0.0000", CultureInfo.InvariantCulture);
            ProgramResult result = node.RunFor(delay, "apply", paths[target]);

            (string[] digests, int sets) = Read(node);
            int[] found = [Which(digests[0], 0), Which(digests[1], 1)];
            bool leftovers = sets > names[found[0]].Length;
            string outcome = result.ExitCode == 0 ? "completed" : found[0] != found[1] ? "one family" : found[0] == target ? "new" : "old";
            outcome += leftovers ? " with leftovers" : "";
            // Around the middle of an apply, wherever that is while the machine does other things too.
            seconds *= outcome switch { "completed" => 0.95, "old" => 1.05, _ => 1 };
            counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
            current = found[0];
            if (kill % 10 == 0)
            {
                Assert.Equal((whole[found[0], 0], whole[found[1], 1]), InForce(node));
                AssertPackets(a, b, found);
            }

            if (kill % 20 == 0)
            {
                node.Run("apply", paths[target]).EnsureSuccess();
                current = target;
                Assert.Equal((whole[current, 0], whole[current, 1]), InForce(node));
                Assert.Equal(names[current], node.SetNames().Select(Reduced.Logical).Order(StringComparer.Ordinal));
                Assert.Equal(0, node.Run("plan", paths[current]).ExitCode);
            }
        }

        string summary = string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"));
        output.WriteLine($"{Kills} kills, the last ones after some {seconds * 1000:0} ms: {summary}");
        Assert.True(counts.Where(count => count.Key is not ("completed" or "old")).Sum(count => count.Value) >= Kills / 20, summary);

        node.Run("remove").EnsureSuccess();
        Assert.Empty(node.SetNames());
        Assert.DoesNotContain("dcos", node.Rules(isInet6: false) + node.Rules(isInet6: true), StringComparison.Ordinal);

        int Which(string found, int family) =>
            found == digestsOf[0, family] ? 0
            : found == digestsOf[1, family] ? 1
            : throw new InvalidOperationException($"neither policy is in force:\n{InForce(node)}");
    }

    // In this process, which is many times faster in UML than to start programs.
    private static (string[] Digests, int Sets) Read(Node node) => node.Space.Run(() =>
    {
        using KernelDataplane dataplane = KernelDataplane.Open(NullLogger.Instance);
        LiveState live = dataplane.Read(ImmutableHashSet<Family>.Empty);
        return (live.Families.Select(family => StateDigest.Of(live with { Families = [family] })).ToArray(), live.Sets.Length);
    });

    private static (string Inet, string Inet6) InForce(Node node)
    {
        string sets = node.Sets();
        return (Reduced.Family(node.Rules(isInet6: false), sets), Reduced.Family(node.Rules(isInet6: true), sets));
    }

    // Policy 0 lets a reach b on port 80, policy 1 lets b reach a on port 81.
    private static void AssertPackets(TestHost a, TestHost b, int[] policies)
    {
        foreach (bool isInet6 in s_families)
        {
            AddressFamily family = isInet6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
            bool isFirst = policies[isInet6 ? 1 : 0] == 0;
            Assert.Equal(isFirst ? Outcome.Reached : Outcome.Rejected, Probe.Send(a, b, family, Traffic.Tcp(80)));
            Assert.Equal(isFirst ? Outcome.Rejected : Outcome.Reached, Probe.Send(b, a, family, Traffic.Tcp(81)));
        }
    }

    // All networks but one have other prefixes in the two policies.
    private static string Policy(string to, string port, string block, string block6) => $$"""
        version: 1
        networks:
          a: {subnets: [10.1.0.0/16, "fd00:1::/32"]}
          b: {subnets: [10.2.0.0/16, {{block}}.0.0/24, "fd00:2::/32", "{{block6}}:1::/64"]}
          c: {subnets: [{{string.Join(", ", Enumerable.Range(1, 100).Select(i => $"{block}.{2 * i}.0/24, \"{block6}:{2 * i:x}::/48\""))}}]}
          d: {subnets: [10.7.0.0/16], internal: deny}
          e: {subnets: [{{block}}.1.0/24, "{{block6}}:ff::/48"]}
        allow:
          - {from: [a, b], to: {{to}}, ports: [{{port}}]}
          - {from: c, to: [d, e], ports: [53/udp, icmp, icmpv6]}
        exceptions:
          - [c, e]
        deny:
          - {from: e, to: a}

        """;
}

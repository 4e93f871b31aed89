using System.Collections.Immutable;
using System.Net.Sockets;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Lab;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Two policies that have little in common, applied in turn, and which of them is in force after something went wrong.</summary>
internal sealed class TwoPolicies
{
    private static readonly bool[] s_families = [false, true];
    private static readonly string[] s_policies = [Policy("b", "80", "10.4", "fd00:4"), Policy("a", "81", "10.5", "fd00:5")];

    private readonly Node _node;

    // What each policy is, whole, per family: by the state's digest, and to the reference programs.
    private readonly string[,] _digests = new string[2, 2];
    private readonly string[,] _whole = new string[2, 2];
    private readonly string[][] _names = new string[2][];

    /// <summary>Applies the first, then the second, which is in force afterwards.</summary>
    public TwoPolicies(Node node)
    {
        _node = node;
        Paths = [.. s_policies.Select((policy, i) => node.Write($"{i}.yaml", policy))];
        foreach (int policy in new[] { 0, 1 })
        {
            node.Run("apply", Paths[policy]).EnsureSuccess();
            (_whole[policy, 0], _whole[policy, 1]) = InForce();
            (_digests[policy, 0], _digests[policy, 1]) = Read().Digests is [var inet, var inet6] ? (inet, inet6) : default;
            _names[policy] = [.. node.SetNames().Select(Reduced.Logical).Order(StringComparer.Ordinal)];
        }

        Assert.NotEqual(_whole[0, 0], _whole[1, 0]);
    }

    public string[] Paths { get; }

    /// <summary>Which policy is in force in each family, IPv4 first, and whether there are more sets than it needs.</summary>
    public (int[] Policies, bool Leftovers) Find()
    {
        (string[] digests, int sets) = Read();
        int[] found = [Which(digests[0], 0), Which(digests[1], 1)];
        return (found, sets > _names[found[0]].Length);
    }

    /// <summary>That the reference programs see the same.</summary>
    public void AssertInForce(int[] found) => Assert.Equal((_whole[found[0], 0], _whole[found[1], 1]), InForce());

    /// <summary>Applies a policy, and that it is then in force with nothing besides.</summary>
    public void AssertRecovers(int policy)
    {
        _node.Run("apply", Paths[policy]).EnsureSuccess();
        AssertInForce([policy, policy]);
        Assert.Equal(_names[policy], _node.SetNames().Select(Reduced.Logical).Order(StringComparer.Ordinal));
        Assert.Equal(0, _node.Run("plan", Paths[policy]).ExitCode);
    }

    /// <summary>Policy 0 lets a reach b on port 80, policy 1 lets b reach a on port 81.</summary>
    public static void AssertPackets(TestHost a, TestHost b, int[] policies)
    {
        foreach (bool isInet6 in s_families)
        {
            AddressFamily family = isInet6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
            bool isFirst = policies[isInet6 ? 1 : 0] == 0;
            Assert.Equal(isFirst ? Outcome.Reached : Outcome.Rejected, Probe.Send(a, b, family, Traffic.Tcp(80)));
            Assert.Equal(isFirst ? Outcome.Rejected : Outcome.Reached, Probe.Send(b, a, family, Traffic.Tcp(81)));
        }
    }

    private int Which(string found, int family) =>
        found == _digests[0, family] ? 0
        : found == _digests[1, family] ? 1
        : throw new InvalidOperationException($"neither policy is in force:\n{InForce()}");

    // In this process, which is many times faster in UML than to start programs.
    private (string[] Digests, int Sets) Read() => _node.Space.Run(() =>
    {
        using KernelDataplane dataplane = KernelDataplane.Open(NullLogger.Instance);
        LiveState live = dataplane.Read(ImmutableHashSet<Family>.Empty);
        return (live.Families.Select(family => StateDigest.Of(live with { Families = [family] })).ToArray(), live.Sets.Length);
    });

    private (string Inet, string Inet6) InForce()
    {
        string sets = _node.Sets();
        return (Reduced.Family(_node.Rules(isInet6: false), sets), Reduced.Family(_node.Rules(isInet6: true), sets));
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

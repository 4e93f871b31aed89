using System.Net;
using System.Net.Sockets;
using DcosIsolation.Lab;
using DcosIsolation.Policy;
using DcosIsolation.Policy.Tests;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>
/// Hosts in 10.1.0.0/16 (two), 10.2.0.0/16, 10.3.0.0/16 and outside, in IPv6 fd00:1::/32 and so on; and what real packets between them say
/// about a policy, compared with a model of the policy format that knows nothing of sets and rules.
/// </summary>
public sealed class PacketNetwork : IDisposable
{
    private static readonly Traffic[] s_traffic =
        [Traffic.Tcp(80), Traffic.Tcp(81), Traffic.Tcp(8000), Traffic.Udp(53), Traffic.Udp(9000), Traffic.Icmp];

    private readonly TestNetwork _network = new();
    private readonly Node _node;

    public PacketNetwork()
    {
        _node = new Node(_network.Node);
        foreach ((string name, string ipv4, string ipv6) in new[]
        {
            ("a1", "10.1.1.2/24", "fd00:1:0:1::2/64"),
            ("a2", "10.1.2.2/24", "fd00:1:0:2::2/64"),
            ("b1", "10.2.1.2/24", "fd00:2:0:1::2/64"),
            ("c1", "10.3.1.2/24", "fd00:3:0:1::2/64"),
            ("outside", "203.0.113.2/24", "2001:db8::2/64"),
        })
        {
            _network.AddHost(name, ipv4, ipv6).ListenTcp(80, 81, 8000).ListenUdp(53, 9000);
        }
    }

    internal Node Node => _node;

    internal TestHost Host(string name) => _network.Hosts.Single(host => host.Name == name);

    public void Dispose()
    {
        _node.Dispose();
        _network.Dispose();
    }

    internal void Apply(string yaml)
    {
        _node.Apply(yaml);
        // What an earlier policy allowed would pass as established, were a probe to use the same source port again.
        foreach (string timeout in new[] { "udp_timeout", "udp_timeout_stream", "icmp_timeout", "icmpv6_timeout" })
        {
            _network.Node.Sysctl($"netfilter/nf_conntrack_{timeout}", "1");
        }
    }

    internal void Remove() => _node.Run("remove").EnsureSuccess();

    /// <summary>Applies a policy and compares every packet's fate with the model's verdict.</summary>
    internal void AssertPacketsAgree(string yaml)
    {
        Apply(yaml);
        IsolationPolicy policy = PolicyReader.Read("policy.yaml", yaml, File.OpenRead).Policy!;
        var probes = Probes(policy, AddressFamily.InterNetwork).Concat(Probes(policy, AddressFamily.InterNetworkV6)).ToArray();
        ProbeResult[] results = Send(probes);
        // Once more for what differs, from another source port: see Apply.
        int[] different = [.. Enumerable.Range(0, probes.Length).Where(i => results[i].Outcome != probes[i].Expected)];
        ProbeResult[] again = Send([.. different.Select(i => probes[i])]);
        Assert.All(
            different.Zip(again),
            pair => Assert.Equal(Text(probes[pair.First], probes[pair.First].Expected), Text(probes[pair.First], pair.Second.Outcome)));
    }

    private static ProbeResult[] Send((TestHost From, TestHost To, IPAddress Address, Traffic Traffic, Outcome Expected)[] probes)
    {
        // Waiting is for what is dropped only.
        var results = new ProbeResult[probes.Length];
        foreach (var group in Enumerable.Range(0, probes.Length).GroupBy(i => probes[i].Expected == Outcome.TimedOut))
        {
            int[] indexes = [.. group];
            TimeSpan? deadline = group.Key ? TimeSpan.FromMilliseconds(300) : null;
            ProbeResult[] sent = Probe.SendAll([.. indexes.Select(i => (probes[i].From, probes[i].Address, probes[i].Traffic))], deadline);
            for (int i = 0; i < indexes.Length; i++)
            {
                results[indexes[i]] = sent[i];
            }
        }

        return results;
    }

    private IEnumerable<(TestHost From, TestHost To, IPAddress Address, Traffic Traffic, Outcome Expected)> Probes(
        IsolationPolicy policy, AddressFamily family) =>
        from source in _network.Hosts
        from destination in _network.Hosts
        where source != destination
        from traffic in s_traffic
        let expected = Expect(policy, source.Address(family), destination.Address(family), traffic)
        select (source, destination, destination.Address(family), traffic, expected);

    private static Outcome Expect(IsolationPolicy policy, IPAddress source, IPAddress destination, Traffic traffic)
    {
        bool isInet6 = source.AddressFamily == AddressFamily.InterNetworkV6;
        string service = traffic.Protocol switch
        {
            ProtocolType.Tcp => $"{traffic.Port}/tcp",
            ProtocolType.Udp => $"{traffic.Port}/udp",
            _ => isInet6 ? "icmpv6/128/0" : "icmp/8/0",
        };
        return SlowModel.Judge(policy, Packet.Of(source.ToString(), destination.ToString(), service)) switch
        {
            RuleTarget.Reject => Outcome.Rejected,
            RuleTarget.Drop => Outcome.TimedOut,
            _ => Outcome.Reached,
        };
    }

    private static string Text((TestHost From, TestHost To, IPAddress Address, Traffic Traffic, Outcome) probe, Outcome outcome) =>
        $"{probe.From} to {probe.To} ({probe.Address}) {probe.Traffic}: {outcome}";
}

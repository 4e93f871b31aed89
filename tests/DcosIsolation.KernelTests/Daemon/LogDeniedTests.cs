using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>What is denied is logged, within the limit, and nothing else is.</summary>
public sealed partial class LogDeniedTests(FailsafeNetwork network) : IClassFixture<FailsafeNetwork>
{
    private const string Allow80 = """
        version: 1
        networks:
          office: {subnets: [10.9.0.0/16, "fd00:9::/32"]}
          it: {subnets: [10.250.0.0/16, "fd00:2::/32"]}
        allow: [{from: office, to: it, ports: [80]}]
        deny: [{from: office, to: it, ports: [22]}]

        """;

    [Fact]
    public void Each_denied_packet_comes_to_the_group_with_the_prefix_and_no_other_packet_does()
    {
        network.Apply(Allow80 + "log-denied: {prefix: 'denied: ', nflog-group: 7}");
        using var listener = new NflogListener(network.Node.Space, 7);
        foreach (AddressFamily family in FailsafeNetwork.Families)
        {
            Assert.Equal(Outcome.Reached, Probe.Send(network.Admin, network.Server, family, Traffic.Tcp(80)));
            Assert.Empty(listener.Receive(quietMilliseconds: 200));

            // By a clause, and by default.
            Assert.Equal(Outcome.Rejected, Probe.Send(network.Admin, network.Server, family, Traffic.Tcp(22)));
            Assert.Equal("denied: ", Assert.Single(listener.Receive(quietMilliseconds: 300)));
            FailsafeNetwork.Flood(network.Admin, network.Server, family, 1);
            Assert.Equal("denied: ", Assert.Single(listener.Receive(quietMilliseconds: 300)));
        }
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public void Many_denied_packets_are_logged_as_often_as_the_limit_says(AddressFamily family)
    {
        network.Apply(Allow80 + "deny-with: drop\nlog-denied: {nflog-group: 8, limit: 5/second}");
        using var listener = new NflogListener(network.Node.Space, 8);
        var clock = Stopwatch.StartNew();
        FailsafeNetwork.Flood(network.Admin, network.Server, family, 200);
        List<string> logged = listener.Receive(quietMilliseconds: 300);
        Assert.All(logged, Assert.Empty);
        Assert.InRange(logged.Count, 5, 5 + (5 * clock.Elapsed.TotalSeconds) + 1);
        Assert.True(logged.Count < 100, $"{logged.Count} in {clock.Elapsed}");
        Assert.InRange(Counted("DROP", family), 200, 210);
    }

    [Fact]
    public void Without_a_group_the_kernels_log_gets_a_line()
    {
        using KernelLog? log = KernelLog.Open();
        network.Apply(Allow80 + "log-denied: {prefix: 'no way: '}");
        foreach (AddressFamily family in FailsafeNetwork.Families)
        {
            Assert.Equal(Outcome.Reached, Probe.Send(network.Admin, network.Server, family, Traffic.Tcp(80)));
            Assert.Equal(0, Counted("LOG", family));
            FailsafeNetwork.Flood(network.Admin, network.Server, family, 3);
            Assert.Equal(3, Counted("LOG", family));
        }

        if (log is not null)
        {
            Assert.Equal(6, KernelLog.Lines(network.Node).Count(line => line.Contains("no way: IN=admin OUT=server ", StringComparison.Ordinal)));
        }
    }

    /// <summary>The packets that a family's rules with a target have counted.</summary>
    private long Counted(string target, AddressFamily family) => network.Node.Rules(family == AddressFamily.InterNetworkV6).Split('\n')
        .Where(line => line.Contains("-A dcos-isolation", StringComparison.Ordinal))
        .Where(line => line.Contains($"-j {target}", StringComparison.Ordinal))
        .Sum(line => long.Parse(Packets().Match(line).Groups[1].Value, null));

    [GeneratedRegex(@"^\[(\d+):")]
    private static partial Regex Packets();
}

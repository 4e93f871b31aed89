using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>What <c>failsafe</c> names passes, whatever else is said; nothing else does.</summary>
public sealed class FailsafeTests(FailsafeNetwork network) : IClassFixture<FailsafeNetwork>
{
    private const string Failsafe = """
        failsafe:
          - {from: [10.9.1.0/24, "fd00:9::1:10"], ports: [22-23/tcp, 53/udp, icmp, icmpv6]}

        """;

    [Fact]
    public void What_it_names_passes_though_everything_is_denied_and_nothing_else_does()
    {
        network.Apply(FailsafeNetwork.DenyAll + Failsafe);
        foreach (AddressFamily family in FailsafeNetwork.Families)
        {
            Assert.Equal(Outcome.Reached, Send(family, Traffic.Tcp(22)));
            Assert.Equal(Outcome.Reached, Send(family, Traffic.Udp(53)));
            Assert.Equal(Outcome.Reached, Send(family, Traffic.Icmp));
            Assert.Equal(Outcome.Rejected, Send(family, Traffic.Tcp(80)));
            Assert.Equal(Outcome.Rejected, Answer(family, Traffic.Tcp(22)));
            Assert.Equal(Outcome.Rejected, Answer(family, Traffic.Udp(53)));
            Assert.Equal(Outcome.Rejected, Answer(family, Traffic.Icmp));
        }
    }

    [Fact]
    public void No_rule_behind_stops_it_or_the_answers()
    {
        const string allowed = "allow: [{from: office, to: it, ports: [80]}]\n";
        network.Apply(FailsafeNetwork.DenyAll.Replace("deny: [{from: \"*\", to: \"*\"}]", allowed, StringComparison.Ordinal) + Failsafe);
        network.Node.Reference("iptables-legacy -A FORWARD -j DROP");
        network.Node.Reference("ip6tables-legacy -A FORWARD -j DROP");
        foreach (AddressFamily family in FailsafeNetwork.Families)
        {
            Assert.Equal(Outcome.Reached, Send(family, Traffic.Tcp(22)));
            Assert.Equal(Outcome.Reached, Send(family, Traffic.Udp(53)));
            Assert.Equal(Outcome.Reached, Send(family, Traffic.Icmp));
            Assert.Equal(
                Outcome.TimedOut,
                Probe.Send(network.Admin, network.Server, family, Traffic.Tcp(80), TimeSpan.FromMilliseconds(500)));
        }
    }

    [Fact]
    public void An_exception_does_not_keep_it_from_being_accepted()
    {
        network.Apply(FailsafeNetwork.DenyAll + "exceptions: [[office, it], [it, office]]\n" + Failsafe);
        network.Node.Reference("iptables-legacy -A FORWARD -j DROP");
        Assert.Equal(Outcome.Reached, Send(AddressFamily.InterNetwork, Traffic.Tcp(22)));
        Assert.Equal(Outcome.Reached, Send(AddressFamily.InterNetworkV6, Traffic.Tcp(80)));
        Assert.Equal(Outcome.Reached, Answer(AddressFamily.InterNetworkV6, Traffic.Tcp(80)));
    }

    [Theory]
    [InlineData(ProtocolType.Tcp, 23, 80)]
    [InlineData(ProtocolType.Udp, 23, 53)]
    public void Nothing_opens_a_connection_from_a_port_that_may_answer(ProtocolType protocol, int sourcePort, int port)
    {
        string service = $"{sourcePort}/{(protocol == ProtocolType.Tcp ? "tcp" : "udp")}";
        string failsafe = $"failsafe: [{{from: [10.9.1.0/24, 'fd00:9::/64'], ports: [{service}]}}]";
        foreach (AddressFamily family in FailsafeNetwork.Families)
        {
            network.Apply(FailsafeNetwork.DenyAll + failsafe);
            Assert.False(Connects(family), "with the denial");

            // So that it was the policy that stopped it.
            network.Apply(FailsafeNetwork.DenyAll.Replace("deny:", "allow:", StringComparison.Ordinal));
            Assert.True(Connects(family), "without the denial");
        }

        bool Connects(AddressFamily family)
        {
            using Socket socket = network.Server.Namespace.Run(() => new Socket(
                family, protocol == ProtocolType.Tcp ? SocketType.Stream : SocketType.Dgram, protocol));
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            if (protocol == ProtocolType.Tcp)
            {
                // No TIME_WAIT, which would hold the port.
                socket.LingerState = new LingerOption(true, 0);
            }

            socket.Bind(new IPEndPoint(network.Server.Address(family), sourcePort));
            socket.ReceiveTimeout = 5_000;
            try
            {
                socket.Connect(network.Admin.Address(family), port);
                socket.Send("open?"u8);
                return socket.Receive(new byte[16]) == 5;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused)
            {
                return false;
            }
        }
    }

    [Fact]
    public void A_second_apply_writes_nothing_and_what_is_changed_by_hand_is_repaired()
    {
        const string policy = FailsafeNetwork.DenyAll + Failsafe + "log-denied: {prefix: 'denied: ', limit: 7/minute, nflog-group: 7}";
        network.Apply(policy);
        string before = Everything();
        Assert.StartsWith("nothing to do", network.Node.Apply(policy).Output, StringComparison.Ordinal);
        Assert.Equal(before, Everything());
        Assert.Equal(0, network.Node.Plan(policy).ExitCode);
        Assert.Contains("-s 10.9.1.0/24 -p tcp -m multiport --dports 22:23 -j ACCEPT", Show(), StringComparison.Ordinal);
        Assert.Contains("-m limit --limit 7/min -j NFLOG --nflog-prefix \"denied: \" --nflog-group 7", Show(), StringComparison.Ordinal);

        // What the reference program prints is what show prints.
        string[] saved = network.Node.Rules(isInet6: false).Split('\n');
        foreach (string line in saved.Where(line => line.Contains("-j NFLOG", StringComparison.Ordinal)))
        {
            Assert.Contains(line[line.IndexOf("-A", StringComparison.Ordinal)..], Show(), StringComparison.Ordinal);
        }

        network.Node.Reference("iptables-legacy -D dcos-isolation 1");
        network.Node.Reference("iptables-legacy -I dcos-isolation -s 10.0.0.0/8 -m limit --limit 8/min -j NFLOG --nflog-group 7");
        Assert.Equal(3, network.Node.Plan(policy).ExitCode);
        network.Node.Apply(policy);
        Assert.Equal(0, network.Node.Plan(policy).ExitCode);

        string Show() => network.Node.Run("show").EnsureSuccess().Output;

        // The hosts' own IPv6 chatter comes to the policies of built-in chains at any time.
        string Everything() => Regex.Replace(network.Node.Everything(), @"^(:\S+ \S+) \[.*\]$", "$1", RegexOptions.Multiline);
    }

    private Outcome Send(AddressFamily family, Traffic traffic) => Probe.Send(network.Admin, network.Server, family, traffic);

    private Outcome Answer(AddressFamily family, Traffic traffic) => Probe.Send(network.Server, network.Admin, family, traffic);
}

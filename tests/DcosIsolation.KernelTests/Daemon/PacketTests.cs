using System.Net;
using System.Net.Sockets;
using System.Text;
using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Real packets fare as the policy format says, whatever the policy.</summary>
public sealed class PacketTests(PacketNetwork network) : IClassFixture<PacketNetwork>
{
    private const string ThreeNetworks = """
        version: 1
        networks:
          a: {subnets: [10.1.0.0/16, "fd00:1::/32"]}
          b: {subnets: [10.2.0.0/16, "fd00:2::/32"]}
          c: {subnets: [10.3.0.0/16, "fd00:3::/32"]}

        """;

    private static readonly Dictionary<string, string> s_policies = new()
    {
        ["nothing allowed"] = ThreeNetworks,
        ["the example"] = ThreeNetworks + "allow: [{from: a, to: b, ports: [80/tcp]}]",
        ["every protocol one way"] = ThreeNetworks + "allow: [{from: a, to: b}]",
        ["tcp and udp ports and ranges"] = ThreeNetworks + "allow: [{from: a, to: [b, c], ports: [80-81, 53/udp, 7/sctp, 9/udplite]}]",
        ["one family's icmp"] = ThreeNetworks + "allow: [{from: a, to: b, ports: [icmp]}, {from: b, to: c, ports: [icmpv6]}]",
        ["one icmp type"] = ThreeNetworks
            + "allow: [{from: a, to: b, ports: [icmp/echo-request, icmpv6/echo-request]}, {from: b, to: c, ports: [icmp/echo-reply]}]",
        ["more ports than a rule holds"] = ThreeNetworks
            + "allow: [{from: a, to: b, ports: [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 80, 8000-9999/tcp, 53/udp]}]",
        ["a wide range of ports"] = ThreeNetworks + "allow: [{from: a, to: b, ports: [1-7999/tcp, 1-65535/udp]}]",
        ["everybody"] = ThreeNetworks + "allow: [{from: a, to: '*', ports: [80]}, {from: '*', to: c}]",
        ["literal prefixes"] = ThreeNetworks
            + "allow: [{from: 10.1.1.0/24, to: b}, {from: 'fd00:1:0:2::/64', to: 'fd00:3::/32'}, {from: c, to: 10.1.2.2/32, ports: [80]}]",
        ["everything literal"] = ThreeNetworks + "allow: [{from: 0.0.0.0/0, to: b, ports: [80]}, {from: a, to: '::/0', ports: [53/udp]}]",
        ["deny goes first"] = ThreeNetworks
            + "deny: [{from: a, to: b, ports: [81, icmp]}, {from: 10.1.2.0/24, to: c}]\nallow: [{from: a, to: '*'}]",
        ["no hairpin"] = ThreeNetworks.Replace("\"fd00:1::/32\"]", "\"fd00:1::/32\"], internal: deny", StringComparison.Ordinal)
            + "allow: [{from: a, to: '*', ports: [80]}]",
        ["exceptions"] = ThreeNetworks
            + "exceptions: [[10.1.1.0/24, 10.3.0.0/16], [b, a], ['fd00:1::/32', c]]\ndeny: [{from: '*', to: '*'}]",
        ["accept by default"] = "default: accept\n" + ThreeNetworks + "deny: [{from: a, to: b, ports: [80, 53/udp]}, {from: c, to: a}]",
        ["rules of the operator's"] = ThreeNetworks + """
            allow: [{from: a, to: b, ports: [80, 53/udp]}]
            rules:
              first:
                - -j LOG
                - -s @a -d @b -p udp --dport 53 -j DROP
                - {ipv4: "! -s @a -d 10.2.1.0/24 -p tcp --dport 81 -j ACCEPT"}
                - {ipv4: "-s 10.1.2.2/32 -p icmp -j RETURN", ipv6: "-p ipv6-icmp -d fd00:3::/32 -j ACCEPT"}
              last:
                - -s @c -p udp --dport 9000 -j ACCEPT
                - -s @a ! -d @c -p tcp --dport 8000 -j DROP

            """,
        ["drop"] = "deny-with: drop\n" + ThreeNetworks
            + "allow: [{from: '*', to: '*', ports: [80, 81, 53/udp, icmp]}]\ndeny: [{from: c, to: a}]",
        ["overlapping networks"] = """
            version: 1
            networks:
              all: {subnets: [10.0.0.0/8, "fd00::/8"], internal: deny}
              a: {subnets: [10.1.0.0/16, "fd00:1::/32"]}
              a2: {subnets: [10.1.2.0/24]}
              b: {subnets: [10.2.0.0/16, "fd00:2::/32"]}
            allow: [{from: a2, to: b}]

            """,
        ["overlapping networks allowed"] = """
            version: 1
            networks:
              ab: {subnets: [10.1.0.0/16, 10.2.0.0/16, "fd00:1::/32"]}
              bc: {subnets: [10.2.0.0/16, 10.3.0.0/16, "fd00:3::/32", "fd00:2::/32"]}
            allow: [{from: ab, to: bc, ports: [80]}]

            """,
        ["networks in one family"] = """
            version: 1
            networks:
              a: {subnets: [10.1.0.0/16, "fd00:1::/32"]}
              b: {subnets: [10.2.0.0/16]}
              c: {subnets: ["fd00:3::/32"]}
            allow: [{from: a, to: [b, c], ports: [53/udp, icmp]}]

            """,
        ["the whole world a network"] = """
            version: 1
            networks:
              world: {subnets: [0.0.0.0/0, "::/0"], internal: deny}
              a: {subnets: [10.1.0.0/16, "fd00:1::/32"]}
            allow: [{from: a, to: world, ports: [80]}]
            exceptions: [[a, 203.0.113.0/24]]

            """,
        ["many networks"] = "version: 1\nnetworks:\n"
            + string.Concat(Enumerable.Range(1, 12).Select(i => $"  n{i}: {{subnets: [10.{i}.0.0/16, 'fd00:{i}::/32']}}\n"))
            + "allow: [{from: n1, to: [n2, n7], ports: [80, icmpv6]}, {from: n3, to: n1}]",
    };

    public static TheoryData<string> Names => [.. s_policies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Packets_fare_as_the_policy_says(string name) => network.AssertPacketsAgree(s_policies[name]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Packets_fare_as_a_random_policy_says(int seed)
    {
        string policy = RandomPolicy.Text(seed);
        try
        {
            network.AssertPacketsAgree(policy);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"with the policy\n{policy}", e);
        }
    }

    [Fact]
    public void A_connection_outlives_every_policy_that_allows_it()
    {
        network.Apply(ThreeNetworks + "allow: [{from: a, to: b}]");
        foreach (AddressFamily family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            var server = new IPEndPoint(network.Host("b1").Address(family), 80);
            using Socket socket = network.Host("a1").Namespace.Run(() => new Socket(family, SocketType.Stream, ProtocolType.Tcp));
            socket.SendTimeout = socket.ReceiveTimeout = 10_000;
            socket.Connect(server);
            Echo(socket);
            string[] ways = ["from: a, to: b, ports: [80]", "from: a, to: '*'", "from: [10.1.1.0/24, 'fd00:1::/48'], to: b"];
            foreach (string allowed in ways)
            {
                network.Apply($"{ThreeNetworks}allow: [{{{allowed}}}]");
                Echo(socket);
            }
        }

        static void Echo(Socket socket)
        {
            byte[] buffer = new byte[16];
            socket.Send("still there?"u8);
            Assert.Equal("still there?", Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)));
        }
    }

    [Fact]
    public void After_the_removal_everybody_reaches_everybody()
    {
        network.Apply(ThreeNetworks);
        Assert.Equal(Outcome.Rejected, Probe.Send(network.Host("a1"), network.Host("b1"), AddressFamily.InterNetwork, Traffic.Tcp(80)));
        network.Remove();
        Assert.Equal(Outcome.Reached, Probe.Send(network.Host("a1"), network.Host("b1"), AddressFamily.InterNetwork, Traffic.Tcp(80)));
        Assert.Equal(Outcome.Reached, Probe.Send(network.Host("a1"), network.Host("b1"), AddressFamily.InterNetworkV6, Traffic.Tcp(80)));
    }
}

using System.Net;
using System.Net.Sockets;
using DcosIsolation.Lab;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Two hosts in a network each, and the policy that denies everything between them, to which tests add.</summary>
public sealed class FailsafeNetwork : IDisposable
{
    public const string DenyAll = """
        version: 1
        networks:
          office: {subnets: [10.9.0.0/16, "fd00:9::/32"]}
          it: {subnets: [10.250.0.0/16, "fd00:2::/32"]}
        deny: [{from: "*", to: "*"}]

        """;

    private readonly TestNetwork _network = new();

    public FailsafeNetwork()
    {
        Node = new Node(_network.Node);
        Admin = _network.AddHost("admin", "10.9.1.10/24", "fd00:9::1:10/112").ListenTcp(22, 80).ListenUdp(53);
        Server = _network.AddHost("server", "10.250.1.10/24", "fd00:2::1:10/112").ListenTcp(22, 80).ListenUdp(53);
    }

    internal static AddressFamily[] Families => [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    internal Node Node { get; }

    internal TestHost Admin { get; }

    internal TestHost Server { get; }

    public void Dispose()
    {
        Node.Dispose();
        _network.Dispose();
    }

    /// <summary>Applies a policy to a table without anyone's rules, which no connection outlives.</summary>
    internal void Apply(string yaml)
    {
        foreach (string program in (string[])["iptables-legacy", "ip6tables-legacy"])
        {
            Node.Reference($"{program} -F FORWARD");
        }

        Node.Apply(yaml);
        foreach (string timeout in (string[])["udp_timeout", "udp_timeout_stream", "icmp_timeout", "icmpv6_timeout"])
        {
            Node.Space.Sysctl($"netfilter/nf_conntrack_{timeout}", "1");
        }
    }

    /// <summary>Sends UDP datagrams to a port where nobody listens.</summary>
    internal static void Flood(TestHost from, TestHost to, AddressFamily family, int count)
    {
        using Socket socket = from.Namespace.Run(() => new Socket(family, SocketType.Dgram, ProtocolType.Udp));
        var destination = new IPEndPoint(to.Address(family), 9);
        for (int i = 0; i < count; i++)
        {
            socket.SendTo("denied"u8, destination);
        }
    }
}

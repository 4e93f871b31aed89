using System.Net;
using System.Net.Sockets;

namespace DcosIsolation.Lab;

/// <summary>
/// A router namespace, the node on which policies are applied, and host namespaces, each joined to it by a veth pair of its own.
/// All packets between hosts are forwarded by the node, those inside one network too.
/// </summary>
public sealed class TestNetwork : IDisposable
{
    private readonly List<TestHost> _hosts = [];

    /// <summary>Makes the node; hosts are added.</summary>
    public TestNetwork()
    {
        Node = NetworkNamespace.Create("node");
        try
        {
            Node.Sysctl("ipv4/ip_forward", "1");
            Node.Sysctl("ipv6/conf/all/forwarding", "1");
            // REJECT's answers are rate limited; a test that sends many packets would take the missing ones for DROP.
            Node.Sysctl("ipv4/icmp_ratemask", "0");
            Node.Sysctl("ipv6/icmp/ratelimit", "0");
            Node.Sysctl("ipv6/icmp/ratemask", "255");
            UseAddressesAtOnce(Node);
        }
        catch
        {
            Node.Dispose();
            throw;
        }
    }

    /// <summary>The router: its FORWARD chain sees everything.</summary>
    public NetworkNamespace Node { get; }

    /// <summary>The hosts, in the order in which they were added.</summary>
    public IReadOnlyList<TestHost> Hosts => _hosts;

    /// <summary>
    /// Adds a host with one IPv4 and/or one IPv6 address, each with its prefix length ("192.168.1.10/24", "fd00:1::1:10/112").
    /// The first address of the prefix is the node's, and the host's default route. The node's link has the host's name.
    /// </summary>
    public TestHost AddHost(string name, params string[] addresses)
    {
        var host = new TestHost(name, NetworkNamespace.Create(name));
        _hosts.Add(host);
        UseAddressesAtOnce(host.Namespace);
        // Starting a program is what costs here, so that each namespace is configured by one.
        List<string> onNode = [$"link add name {name} type veth peer name eth0 netns {host.Namespace.Name}", $"link set dev {name} up"];
        List<string> onHost = ["link set dev eth0 up"];
        var gateways = new List<IPAddress>();
        foreach (string address in addresses)
        {
            string[] parts = address.Split('/');
            var own = IPAddress.Parse(parts[0]);
            IPAddress gateway = FirstAddress(own, int.Parse(parts[1], null));
            string nodad = own.AddressFamily == AddressFamily.InterNetworkV6 ? " nodad" : "";
            onNode.Add($"addr add {gateway}/{parts[1]} dev {name}{nodad}");
            onHost.AddRange([$"addr add {address} dev eth0{nodad}", $"route add default via {gateway}"]);
            host.SetAddress(own);
            gateways.Add(gateway);
        }

        Node.Configure([.. onNode]);
        host.Namespace.Configure([.. onHost]);

        // A veth that is new may take a second until the kernel calls it up.
        foreach (IPAddress gateway in gateways)
        {
            int wait = 50;
            while (Probe.Send(host, gateway, Traffic.Icmp, TimeSpan.FromMilliseconds(wait)).Outcome != Outcome.Reached)
            {
                if ((wait += 50) > 1000)
                {
                    throw new InvalidOperationException($"{name} cannot reach the node at {gateway}");
                }
            }
        }

        return host;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TestHost host in _hosts)
        {
            host.Dispose();
        }

        Node.Dispose();
    }

    // Duplicate address detection keeps an IPv6 address, a link-local one too, from being used for a second.
    private static void UseAddressesAtOnce(NetworkNamespace space)
    {
        space.Sysctl("ipv6/conf/default/accept_dad", "0");
        space.Sysctl("ipv6/conf/default/dad_transmits", "0");
    }

    private static IPAddress FirstAddress(IPAddress address, int prefixLength)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = prefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        bytes[^1] |= 1;
        return new IPAddress(bytes);
    }
}

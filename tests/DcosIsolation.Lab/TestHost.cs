using System.Net;
using System.Net.Sockets;

namespace DcosIsolation.Lab;

/// <summary>A host of a <see cref="TestNetwork"/>.</summary>
public sealed class TestHost : IDisposable
{
    private readonly List<EchoServer> _servers = [];

    internal TestHost(string name, NetworkNamespace space)
    {
        Name = name;
        Namespace = space;
    }

    /// <summary>The name that the test gave it.</summary>
    public string Name { get; }

    /// <summary>The namespace it lives in.</summary>
    public NetworkNamespace Namespace { get; }

    /// <summary>The IPv4 address, or null.</summary>
    public IPAddress? IPv4 { get; private set; }

    /// <summary>The IPv6 address, or null.</summary>
    public IPAddress? IPv6 { get; private set; }

    /// <summary>The address of a family, which it must have.</summary>
    public IPAddress Address(AddressFamily family) =>
        (family == AddressFamily.InterNetwork ? IPv4 : IPv6) ?? throw new InvalidOperationException($"{Name} has no {family} address");

    /// <summary>Answers TCP connections to these ports, of both families, until the host is disposed of.</summary>
    public TestHost ListenTcp(params int[] ports) => Listen(ProtocolType.Tcp, ports);

    /// <summary>Answers UDP datagrams to these ports, of both families, until the host is disposed of.</summary>
    public TestHost ListenUdp(params int[] ports) => Listen(ProtocolType.Udp, ports);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <inheritdoc/>
    public void Dispose()
    {
        // A socket keeps its namespace alive.
        foreach (EchoServer server in _servers)
        {
            server.Dispose();
        }

        Namespace.Dispose();
    }

    internal void SetAddress(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            IPv4 = address;
        }
        else
        {
            IPv6 = address;
        }
    }

    private TestHost Listen(ProtocolType protocol, int[] ports)
    {
        foreach (int port in ports)
        {
            _servers.Add(new EchoServer(Namespace, protocol, port));
        }

        return this;
    }
}

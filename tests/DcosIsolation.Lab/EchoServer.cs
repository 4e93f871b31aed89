using System.Net;
using System.Net.Sockets;

namespace DcosIsolation.Lab;

/// <summary>Sends back what it receives, over TCP or UDP, IPv4 and IPv6, from a namespace.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly Socket _socket;

    public EchoServer(NetworkNamespace space, ProtocolType protocol, int port)
    {
        bool tcp = protocol == ProtocolType.Tcp;
        _socket = space.Run(() => new Socket(AddressFamily.InterNetworkV6, tcp ? SocketType.Stream : SocketType.Dgram, protocol));
        _socket.DualMode = true;
        _socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        if (tcp)
        {
            _socket.Listen(128);
        }

        _ = tcp ? AcceptAsync() : EchoDatagramsAsync();
    }

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        while (await OrNull(_socket.AcceptAsync()) is { } connection)
        {
            _ = EchoAsync(connection);
        }
    }

    private static async Task EchoAsync(Socket connection)
    {
        using (connection)
        {
            byte[] buffer = new byte[1024];
            try
            {
                for (int count; (count = await connection.ReceiveAsync(buffer)) > 0;)
                {
                    await connection.SendAsync(buffer.AsMemory(0, count));
                }
            }
            catch (SocketException)
            {
                // The other side gave up; it knows why.
            }
        }
    }

    private async Task EchoDatagramsAsync()
    {
        byte[] buffer = new byte[1024];
        var any = new IPEndPoint(IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, any);
                await _socket.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint);
            }
            catch (SocketException e) when (e.SocketErrorCode is not SocketError.OperationAborted)
            {
                // A reply that was refused; the next datagram is another matter.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task<Socket?> OrNull(Task<Socket> accepting)
    {
        try
        {
            return await accepting;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}

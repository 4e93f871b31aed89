using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using DcosIsolation.Daemon.Metrics;
using DcosIsolation.Daemon.Tests.Commands;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Metrics;

[UnsupportedOSPlatform("windows")]
public sealed class MetricsServerTests : IDisposable
{
    private readonly PolicyDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK", "a 1\n")]
    [InlineData("GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", "a 1\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found", "there is only /metrics\n")]
    [InlineData("POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed", "there is only GET\n")]
    [InlineData("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request", "this is no request\n")]
    [InlineData("\r\n\r\n", "HTTP/1.1 400 Bad Request", "this is no request\n")]
    public void Requests_are_answered(string request, string status, string body)
    {
        string path = _directory.PathOf("socket");
        using MetricsServer server = MetricsServer.Start(path, () => "a 1\n");

        string answer = Ask(new UnixDomainSocketEndPoint(path), request);

        Assert.StartsWith(status + "\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Length: {body.Length}\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_is_served_and_free_again_afterwards()
    {
        IPEndPoint address = Free();
        for (int i = 0; i < 2; i++)
        {
            using MetricsServer server = MetricsServer.Start(address, () => new string('x', 1 << 20));
            Assert.EndsWith("xxxx", Ask(address, "GET /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_address_in_use_is_an_error_that_names_it()
    {
        IPEndPoint address = Free();
        using MetricsServer server = MetricsServer.Start(address, () => "");

        IOException e = Assert.Throws<IOException>(() => MetricsServer.Start(address, () => ""));
        Assert.Contains($"cannot serve metrics at {address}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_killed_daemon_left_is_replaced_and_a_file_is_not()
    {
        string path = _directory.PathOf("socket");
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(path));
        }

        using (MetricsServer server = MetricsServer.Start(path, () => "a 1\n"))
        {
            Assert.Contains("200 OK", Ask(new UnixDomainSocketEndPoint(path), "GET /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        }

        using (MetricsServer server = MetricsServer.Start(path, () => "first\n"))
        {
            IOException e = Assert.Throws<IOException>(() => MetricsServer.Start(path, () => "second\n"));
            Assert.Contains($"cannot serve metrics at unix:{path}", e.Message, StringComparison.Ordinal);
            Assert.EndsWith("first\n", Ask(new UnixDomainSocketEndPoint(path), "GET /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        }

        File.WriteAllText(path, "mine");
        Assert.Throws<IOException>(() => MetricsServer.Start(path, () => ""));
        Assert.Equal("mine", File.ReadAllText(path));
    }

    [Fact]
    public void The_owner_and_the_group_may_ask_whatever_the_umask_is()
    {
        string path = _directory.PathOf("socket");
        using MetricsServer server = MetricsServer.Start(path, () => "");

        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        Assert.Equal(Mode, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData(9_000)]
    [InlineData(64_000)]
    public void A_request_that_is_too_long_gets_its_answer(int length)
    {
        IPEndPoint address = Free();
        using MetricsServer server = MetricsServer.Start(address, () => "a 1\n");

        string answer = Ask(address, "GET /metrics HTTP/1.1\r\nX: " + new string('x', length));

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_keeps_a_connection_after_the_answer_keeps_nobody_waiting()
    {
        string path = _directory.PathOf("socket");
        var address = new UnixDomainSocketEndPoint(path);
        using MetricsServer server = MetricsServer.Start(path, () => "a 1\n");
        using Socket kept = Connect(address);
        kept.Send("GET /metrics HTTP/1.1\r\n\r\n"u8);

        // The server closes its side when it is done with it; nothing has been closed here.
        byte[] buffer = new byte[65536];
        while (kept.Receive(buffer) > 0)
        {
        }

        using Socket next = Connect(address);
        next.ReceiveTimeout = 4_000;
        next.Send("GET /metrics HTTP/1.1\r\n\r\n"u8);
        Assert.NotEqual(0, next.Receive(buffer));
    }

    [Fact]
    public void Who_sends_without_end_or_nothing_at_all_is_left_and_others_are_answered()
    {
        string path = _directory.PathOf("socket");
        var address = new UnixDomainSocketEndPoint(path);
        using MetricsServer server = MetricsServer.Start(path, () => "a 1\n");
        using Socket silent = Connect(address);
        using Socket gone = Connect(address);
        gone.Close();
        try
        {
            Ask(address, "GET /metrics HTTP/1.1\r\nX: " + new string('x', 100_000));
        }
        catch (SocketException)
        {
            // Closed before all of it was read.
        }

        // After the silent one's time is over.
        Assert.Contains("200 OK", Ask(address, "GET /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
    }

    private static IPEndPoint Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private static Socket Connect(EndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        socket.Connect(address);
        return socket;
    }

    private static string Ask(EndPoint address, string request)
    {
        using Socket socket = Connect(address);
        socket.Send(Encoding.ASCII.GetBytes(request));
        var answer = new MemoryStream();
        byte[] buffer = new byte[65536];
        for (int read; (read = socket.Receive(buffer)) > 0;)
        {
            answer.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}

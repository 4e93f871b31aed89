using System.Net.Sockets;
using System.Text;
using DcosIsolation.Daemon.Running;
using DcosIsolation.Daemon.Tests.Commands;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Running;

public sealed class ServiceManagerTests : IDisposable
{
    private readonly PolicyDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_told_arrives(bool isAbstract)
    {
        string name = isAbstract ? $"@notify-{Guid.NewGuid():N}" : _directory.PathOf("notify");
        using Socket listener = Listen(isAbstract ? '\0' + name[1..] : name);
        using ServiceManager manager = Manager(("NOTIFY_SOCKET", name));

        manager.Ready("all is well");
        Assert.Equal("READY=1\nSTATUS=all is well", Receive(listener));
        manager.Reloading();
        Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[0-9]+$", Receive(listener));
        manager.Status("hm");
        Assert.Equal("STATUS=hm", Receive(listener));
        manager.Stopping();
        Assert.Equal("STOPPING=1", Receive(listener));
    }

    [Fact]
    public void The_watchdog_hears_of_it_often_enough_and_not_all_the_time()
    {
        string path = _directory.PathOf("notify");
        using Socket listener = Listen(path);
        using ServiceManager manager = Manager(("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "8000000"));
        Assert.Equal(TimeSpan.FromSeconds(4), manager.WatchdogInterval);

        manager.Alive();
        Assert.Equal(0, listener.Available);
        Thread.Sleep(2100);
        manager.Alive();
        manager.Alive();
        Assert.Equal("WATCHDOG=1", Receive(listener));
        Assert.Equal(0, listener.Available);
    }

    [Fact]
    public void A_watchdog_of_another_process_is_not_ours()
    {
        using ServiceManager manager = Manager(("WATCHDOG_USEC", "200000"), ("WATCHDOG_PID", "1"));
        Assert.Null(manager.WatchdogInterval);
        using ServiceManager ours = Manager(("WATCHDOG_USEC", "200000"), ("WATCHDOG_PID", $"{Environment.ProcessId}"));
        Assert.NotNull(ours.WatchdogInterval);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("/no/such/socket")]
    public void Without_anybody_to_tell_nothing_happens(string? socket)
    {
        using ServiceManager manager = Manager(("NOTIFY_SOCKET", socket));
        manager.Ready("x");
        manager.Stopping();
    }

    [Fact]
    public void A_name_that_no_address_holds_is_nobody()
    {
        using ServiceManager manager = Manager(("NOTIFY_SOCKET", "/" + new string('x', 300)));
        manager.Ready("x");
    }

    [Fact]
    public void A_manager_that_does_not_listen_stops_nothing()
    {
        string path = _directory.PathOf("notify");
        using Socket listener = Listen(path);
        using ServiceManager manager = Manager(("NOTIFY_SOCKET", path));
        for (int i = 0; i < 10_000; i++)
        {
            manager.Status(new string('x', 1000));
        }
    }

    private static ServiceManager Manager(params (string Name, string? Value)[] variables) =>
        new(name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.ReceiveTimeout = 5000;
        return socket;
    }

    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}

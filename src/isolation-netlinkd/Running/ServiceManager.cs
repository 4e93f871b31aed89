using System.Diagnostics;
using System.Globalization;
using System.Text;
using DcosIsolation.Daemon.Dataplane;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Running;

/// <summary>
/// What systemd is told of the daemon, as sd_notify(3) describes it: datagrams to <c>$NOTIFY_SOCKET</c>. Without that variable nothing is
/// sent, and a service manager that does not listen stops nothing.
/// </summary>
internal sealed class ServiceManager : IDisposable
{
    private readonly SafeFileHandle? _socket;
    private readonly UnixAddress? _address;
    private long _alive = Stopwatch.GetTimestamp();

    /// <param name="variable">Gives the environment's variables.</param>
    public ServiceManager(Func<string, string?> variable)
    {
        if (variable("NOTIFY_SOCKET") is { Length: > 1 } path && path[0] is '/' or '@')
        {
            // An abstract name begins with NUL.
            _address = UnixAddress.Of(path[0] == '@' ? $"\0{path[1..]}" : path);
            _socket = new SafeFileHandle(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), ownsHandle: true);
        }

        // The watchdog may be meant for another process, one that started this.
        bool isOurs = variable("WATCHDOG_PID") is not { } pid || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (isOurs && long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0)
        {
            WatchdogInterval = TimeSpan.FromMicroseconds(microseconds) / 2;
        }
    }

    /// <summary>How often <see cref="Alive"/> is to be called: half of what is allowed; null when nobody watches.</summary>
    public TimeSpan? WatchdogInterval { get; }

    /// <summary>The policy is in force.</summary>
    /// <param name="status">What is shown beside the service, in one line.</param>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>The policy is being read again; <see cref="Ready"/> or <see cref="Status"/> ends that.</summary>
    public void Reloading() => Send(string.Create(
        CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}"));

    /// <summary>Says something beside the service, in one line.</summary>
    public void Status(string status) => Send($"STATUS={status}");

    /// <summary>The daemon ends.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>The daemon is at work; tells so when it is time to.</summary>
    public void Alive()
    {
        if (WatchdogInterval is { } interval && Stopwatch.GetElapsedTime(_alive) >= interval / 2)
        {
            _alive = Stopwatch.GetTimestamp();
            Send("WATCHDOG=1");
        }
    }

    public void Dispose() => _socket?.Dispose();

    // The framework's sockets are a hundredth of the binary's limit. Nobody who listens, a full queue or a path that no address holds:
    // what was to be told is lost, and the next change is told again.
    private unsafe void Send(string message)
    {
        if (_socket is not { IsInvalid: false } || _address is not { } address)
        {
            return;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(message);
        sockaddr_un value = address.Value;
        fixed (byte* text = bytes)
        {
            _ = sendto((int)_socket.DangerousGetHandle(), text, bytes.Length, MSG_NOSIGNAL, (sockaddr*)&value, address.Length);
        }
    }
}

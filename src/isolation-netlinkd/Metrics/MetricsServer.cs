using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Daemon.Dataplane;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Metrics;

/// <summary>
/// Answers <c>GET /metrics</c> on one socket, one connection after the other, on a thread of its own. The framework's sockets would be a
/// tenth of the binary.
/// </summary>
internal sealed class MetricsServer : IDisposable
{
    private const int MaxRequest = 8192;
    private const int MaxUnread = 1 << 20;

    private static readonly mode_t s_socketMode = 0b110_110_000;

    // For all of a request or answer, so that who sends a byte a second does not keep others waiting.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly SafeFileHandle _listener;
    private readonly string? _path;
    private readonly Func<string> _metrics;

    private MetricsServer(SafeFileHandle listener, string? path, Func<string> metrics)
    {
        (_listener, _path, _metrics) = (listener, path, metrics);
        new Thread(Serve) { IsBackground = true, Name = "metrics" }.Start();
    }

    private static int Descriptor(SafeFileHandle file) => (int)file.DangerousGetHandle();

    /// <summary>Begins to listen.</summary>
    /// <param name="path">The path of a Unix socket, for its owner and group; what a daemon that was killed left there is replaced.</param>
    /// <param name="metrics">The metrics as text; is called on another thread.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static unsafe MetricsServer Start(string path, Func<string> metrics)
    {
        string what = $"unix:{path}";
        if (UnixAddress.Of(path) is not { } address)
        {
            throw new IOException($"cannot serve metrics at {what}: the path is too long for a socket");
        }

        sockaddr_un value = address.Value;
        RemoveStale(path, &value, address.Length);
        SafeFileHandle listener = Listen(AF_UNIX, &value, address.Length, what);
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            // Whatever the process's umask is.
            _ = chmod(name, s_socketMode);
        }

        return new MetricsServer(listener, path, metrics);
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="address">An address of this machine alone.</param>
    /// <param name="metrics">The metrics as text; is called on another thread.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static unsafe MetricsServer Start(IPEndPoint address, Func<string> metrics)
    {
        // sockaddr_in: family, port, address. sockaddr_in6 has the flow between port and address.
        byte[] bytes = address.Address.GetAddressBytes();
        bool isInet = bytes.Length == 4;
        byte* value = stackalloc byte[28];
        var span = new Span<byte>(value, 28);
        span.Clear();
        MemoryMarshal.Write(span, (ushort)(isInet ? AF_INET : AF_INET6));
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], (ushort)address.Port);
        bytes.CopyTo(span[(isInet ? 4 : 8)..]);
        return new MetricsServer(Listen(isInet ? AF_INET : AF_INET6, value, isInet ? 16 : 28, address.ToString()), null, metrics);
    }

    public void Dispose()
    {
        // The thread wakes, and finds that nothing is listened to any more.
        _ = shutdown(Descriptor(_listener), SHUT_RDWR);
        if (_path is not null)
        {
            File.Delete(_path);
        }
    }

    private static unsafe SafeFileHandle Listen(int family, void* address, int length, string what)
    {
        var listener = new SafeFileHandle(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), ownsHandle: true);
        int one = 1;
        if (listener.IsInvalid
            || (family != AF_UNIX && setsockopt(Descriptor(listener), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(int)) != 0)
            || bind(Descriptor(listener), (sockaddr*)address, length) != 0
            || listen(Descriptor(listener), 16) != 0)
        {
            int error = errno;
            listener.Dispose();
            throw new IOException($"cannot serve metrics at {what}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})");
        }

        return listener;
    }

    /// <summary>Removes a socket that nobody listens to any more; what is no socket refuses to be connected to as well, and stays.</summary>
    private static unsafe void RemoveStale(string path, sockaddr_un* address, int length)
    {
        stat status;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            if (lstat(name, &status) != 0 || (status.st_mode & S_IFMT) != S_IFSOCK)
            {
                return;
            }

            using var probe = new SafeFileHandle(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), ownsHandle: true);
            if (connect(Descriptor(probe), (sockaddr*)address, length) != 0 && errno == ECONNREFUSED)
            {
                _ = unlink(name);
            }
        }
    }

    private unsafe void Serve()
    {
        while (true)
        {
            int accepted = accept4(Descriptor(_listener), null, null, SOCK_CLOEXEC);
            if (accepted < 0)
            {
                int error = errno;
                if (error == EINVAL || error == EBADF)
                {
                    _listener.Dispose();
                    return;
                }

                if (error != EINTR && error != ECONNABORTED)
                {
                    // No descriptors, no memory: others need them more.
                    Thread.Sleep(100);
                }

                continue;
            }

            using var connection = new SafeFileHandle(accepted, ownsHandle: true);
            if (Request(connection) is { } request)
            {
                Answer(connection, request);
                if (request.Length == 0)
                {
                    ReadRest(connection);
                }
            }
        }
    }

    /// <summary>The first line of a request; empty when it is too long to be one, null when none came in time.</summary>
    private static unsafe string? Request(SafeFileHandle connection)
    {
        byte[] buffer = new byte[MaxRequest];
        int length = 0;
        long start = Stopwatch.GetTimestamp();
        while (length < MaxRequest && Wait(connection, POLLIN, start))
        {
            nint read;
            fixed (byte* free = &buffer[length])
            {
                read = (nint)recv(Descriptor(connection), free, MaxRequest - length, MSG_DONTWAIT);
            }

            if (read <= 0)
            {
                return null;
            }

            length += (int)read;
            ReadOnlySpan<byte> request = buffer.AsSpan(0, length);
            if (request.IndexOf("\r\n\r\n"u8) >= 0)
            {
                return Encoding.ASCII.GetString(request[..request.IndexOf("\r\n"u8)]);
            }
        }

        return length == MaxRequest ? "" : null;
    }

    private unsafe void Answer(SafeFileHandle connection, string request)
    {
        string[] words = request.Split(' ');
        (string status, string body) = words switch
        {
            ["GET", "/metrics", ['H', 'T', 'T', 'P', '/', '1', '.', _]] => ("200 OK", _metrics()),
            ["GET", _, ['H', 'T', 'T', 'P', '/', '1', '.', _]] => ("404 Not Found", "there is only /metrics\n"),
            [_, _, ['H', 'T', 'T', 'P', '/', '1', '.', _]] => ("405 Method Not Allowed", "there is only GET\n"),
            _ => ("400 Bad Request", "this is no request\n"),
        };
        byte[] content = Encoding.UTF8.GetBytes(body);
        string allow = status.StartsWith("405", StringComparison.Ordinal) ? "Allow: GET\r\n" : "";
        byte[] answer =
        [
            .. Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n{allow}Content-Length: {content.Length}\r\nConnection: close\r\n\r\n")),
            .. content,
        ];
        long start = Stopwatch.GetTimestamp();
        for (int sent = 0; sent < answer.Length && Wait(connection, POLLOUT, start);)
        {
            fixed (byte* unsent = &answer[sent])
            {
                nint written = (nint)send(Descriptor(connection), unsent, answer.Length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
                if (written <= 0)
                {
                    return;
                }

                sent += (int)written;
            }
        }
    }

    /// <summary>Reads on for a while: a connection that is closed with something unread is reset, and the answer may be lost on its way.</summary>
    private static unsafe void ReadRest(SafeFileHandle connection)
    {
        _ = shutdown(Descriptor(connection), SHUT_WR);
        long start = Stopwatch.GetTimestamp();
        byte* rest = stackalloc byte[MaxRequest];
        for (int read = 0; read < MaxUnread && Wait(connection, POLLIN, start);)
        {
            nint more = (nint)recv(Descriptor(connection), rest, MaxRequest, MSG_DONTWAIT);
            if (more <= 0)
            {
                return;
            }

            read += (int)more;
        }
    }

    private static unsafe bool Wait(SafeFileHandle connection, short events, long start)
    {
        double left = (s_patience - Stopwatch.GetElapsedTime(start)).TotalMilliseconds;
        var descriptor = new pollfd { fd = Descriptor(connection), events = events };
        return left > 0 && poll(&descriptor, 1, (int)left) > 0;
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Sockets;

/// <summary>
/// Takes one message of the kernel's answer; the reader stands on it. Called also for the NLMSG_ERROR that refuses the request.
/// </summary>
/// <param name="message">The message; its bytes are valid during the call only.</param>
/// <param name="state">What the caller passed to <see cref="NetlinkSocket.Exchange"/>.</param>
public delegate void NetlinkReplyHandler<TState>(ref NetlinkMessageReader message, ref TState state)
    where TState : allows ref struct;

/// <summary>
/// A raw AF_NETLINK socket to the netfilter subsystem of the network namespace in which it was opened. One request is under way at a time:
/// <see cref="Exchange"/> sends it and reads its answer to the end. Not thread-safe; use one socket a thread.
/// </summary>
/// <remarks>
/// Every answer is checked: it must come from the kernel (nl_pid 0; another process with CAP_NET_ADMIN can forge the rest) and carry the
/// request's sequence. Anything else is passed over, within the deadline.
/// </remarks>
public sealed partial class NetlinkSocket : IDisposable
{
    /// <summary>The size of the receive buffer: an error reply repeats the request, and a dump comes in parts of up to 32 KiB.</summary>
    private const int ReceiveBufferSize = 256 * 1024;

    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ReceiveBufferSize, pinned: true);
    private readonly ILogger _logger;
    private int _descriptor;
    private uint _sequence = (uint)Environment.TickCount;

    private NetlinkSocket(int descriptor, ILogger logger) => (_descriptor, _logger) = (descriptor, logger);

    /// <summary>The longest wait for the next message of an answer. 10 s unless set; a large batch is one wait.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The port that the kernel gave the socket: nl_pid.</summary>
    public uint PortId { get; private init; }

    /// <summary>Opens a socket for NETLINK_NETFILTER in the calling thread's network namespace.</summary>
    /// <param name="logger">Told of passed-over messages, at debug level; null for none.</param>
    /// <exception cref="NetlinkException">The kernel has no netfilter netlink, or the process is out of descriptors.</exception>
    public static unsafe NetlinkSocket Open(ILogger? logger = null)
    {
        int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NetlinkConstants.NETLINK_NETFILTER);
        if (descriptor < 0)
        {
            throw Failed("open a netfilter netlink socket", errno);
        }

        var address = new sockaddr_nl { nl_family = (ushort)AF_NETLINK };
        socklen_t length = Unsafe.SizeOf<sockaddr_nl>();
        if (bind(descriptor, (sockaddr*)&address, length) < 0 || getsockname(descriptor, (sockaddr*)&address, &length) < 0)
        {
            int error = errno;
            _ = close(descriptor);
            throw Failed("bind a netfilter netlink socket", error);
        }

        // It only makes answers better; kernels before 4.12 do not know it. NETLINK_CAP_ACK stays off: an error's copy of the request says
        // which entry of a batch failed.
        int on = 1;
        _ = setsockopt(descriptor, NetlinkConstants.SOL_NETLINK, NetlinkConstants.NETLINK_EXT_ACK, &on, sizeof(int));
        return new NetlinkSocket(descriptor, logger ?? NullLogger.Instance) { PortId = address.nl_pid };
    }

    /// <summary>The sequence number for the next request: put it into the message.</summary>
    public uint NextSequence() => ++_sequence;

    /// <summary>Sends one request and reads its answer to the end: to the ack, the error, or the last part of a dump.</summary>
    /// <param name="request">A whole message with <see cref="NetlinkMessageFlags.Ack"/> or <see cref="NetlinkMessageFlags.Dump"/>.</param>
    /// <param name="state">Handed to <paramref name="handler"/>.</param>
    /// <param name="handler">Takes each message of the answer; null when only the ack matters.</param>
    /// <returns>The ack; an error of the kernel is returned, not thrown.</returns>
    /// <exception cref="NetlinkReplyLostException">No answer in time, or replies were lost.</exception>
    /// <exception cref="NetlinkException">The message could not be sent or received.</exception>
    /// <exception cref="NetlinkFormatException">The kernel's bytes are malformed, or the request is no message.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public NetlinkAnswer Exchange<TState>(ReadOnlySpan<byte> request, scoped ref TState state, NetlinkReplyHandler<TState>? handler)
        where TState : allows ref struct
    {
        ObjectDisposedException.ThrowIf(_descriptor < 0, this);
        var sent = new NetlinkMessageReader(request);
        if (!sent.Read())
        {
            throw new NetlinkFormatException("a request has at least a header");
        }

        Send(request);
        var awaited = new AwaitedAnswer(sent.Sequence, PortId, _logger);
        try
        {
            long deadline = Deadline();
            while (true)
            {
                if (awaited.Take(Receive(deadline), ref state, handler, out bool belongs) is { } answer)
                {
                    return answer;
                }

                // A dump may take longer than one wait, as long as it goes on.
                deadline = belongs ? Deadline() : deadline;
            }
        }
        catch
        {
            Drain();
            throw;
        }
    }

    /// <summary>Sends one request and reads its ack.</summary>
    /// <inheritdoc cref="Exchange{TState}(ReadOnlySpan{byte}, ref TState, NetlinkReplyHandler{TState})"/>
    public NetlinkAnswer Exchange(ReadOnlySpan<byte> request)
    {
        int none = 0;
        return Exchange(request, ref none, null);
    }

    /// <summary>Closes the socket. Twice is no error.</summary>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
        {
            _ = close(descriptor);
        }
    }

    private long Deadline() => Stopwatch.GetTimestamp() + (long)(Timeout.TotalSeconds * Stopwatch.Frequency);

    private unsafe void Send(ReadOnlySpan<byte> request)
    {
        fixed (byte* bytes = request)
        {
            // A socket that was never connected sends to the kernel.
            var kernel = new sockaddr_nl { nl_family = (ushort)AF_NETLINK };
            ssize_t sent;
            do
            {
                sent = sendto(_descriptor, bytes, request.Length, 0, (sockaddr*)&kernel, Unsafe.SizeOf<sockaddr_nl>());
            }
            while (sent < 0 && errno == EINTR);
            if (sent < 0)
            {
                throw Failed($"send a netlink request of {request.Length} bytes", errno);
            }

            NetfilterMetrics.Sent(request.Length);
        }
    }

    private unsafe ReadOnlySpan<byte> Receive(long deadline)
    {
        while (true)
        {
            ThrowIfPast(deadline);

            // Most answers are there when the request's send returns: only what is not there is waited for.
            var sender = default(sockaddr_nl);
            socklen_t senderLength = Unsafe.SizeOf<sockaddr_nl>();
            ssize_t length;
            fixed (byte* buffer = _received)
            {
                // MSG_TRUNC makes the call return the datagram's full length, so that one that did not fit is seen.
                length = recvfrom(_descriptor, buffer, _received.Length, MSG_DONTWAIT | MSG_TRUNC, (sockaddr*)&sender, &senderLength);
            }

            if (length < 0)
            {
                int error = errno;
                if (error == EINTR)
                {
                    continue;
                }

                if (error == EAGAIN)
                {
                    WaitReadable(deadline);
                    continue;
                }

                throw error == ENOBUFS ? NetlinkReplyLostException.For(Errno.NoBufferSpace) : Failed("receive the kernel's answer", error);
            }

            if (senderLength < Unsafe.SizeOf<sockaddr_nl>() || sender.nl_pid != 0)
            {
                LogForeign(sender.nl_pid);
                continue;
            }

            if (length > _received.Length)
            {
                throw new NetlinkFormatException(
                    $"a netlink datagram of {(long)length} bytes is longer than the buffer of {_received.Length}");
            }

            NetfilterMetrics.Received((int)(long)length);
            return _received.AsSpan(0, (int)(long)length);
        }
    }

    /// <summary>
    /// Reads the rest of an answer that was given up: a full queue would lose the next answer too, and while a dump is under way the kernel
    /// refuses another (netlink_dump_start, af_netlink.c).
    /// </summary>
    private unsafe void Drain()
    {
        byte nothing;
        long deadline = Deadline();
        while (Stopwatch.GetTimestamp() < deadline)
        {
            if (recv(_descriptor, &nothing, 0, MSG_DONTWAIT) < 0 && errno != EINTR && errno != ENOBUFS)
            {
                return;
            }
        }
    }

    private unsafe void WaitReadable(long deadline)
    {
        double left = Math.Max(0, deadline - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency;
        var wait = new pollfd { fd = _descriptor, events = POLLIN };
        if (poll(&wait, 1, (int)Math.Min(Math.Ceiling(left), int.MaxValue)) < 0 && errno != EINTR)
        {
            throw Failed("wait for the kernel's answer", errno);
        }
    }

    private static void ThrowIfPast(long deadline)
    {
        if (Stopwatch.GetTimestamp() >= deadline)
        {
            throw NetlinkReplyLostException.For(Errno.TimedOut);
        }
    }

    private static NetlinkException Failed(string operation, int error) => new(operation, error, ErrnoText.Of(error));

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "passed over a netlink message that port {Port} sent, not the kernel")]
    private partial void LogForeign(uint port);
}

using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Lab;

/// <summary>What became of a probe.</summary>
public enum Outcome
{
    /// <summary>The token came back.</summary>
    Reached,

    /// <summary>The destination itself refused, by a TCP reset (also one that REJECT forged) or an ICMP error: nothing listens.</summary>
    Refused,

    /// <summary>A router on the way refused with an ICMP error: REJECT.</summary>
    Rejected,

    /// <summary>There is no way there: no route, no neighbour, or a router that says so.</summary>
    Unreachable,

    /// <summary>Nothing came back in time: DROP, or a lost packet.</summary>
    TimedOut,
}

/// <summary>A kind of traffic: a protocol, and a port where it has any.</summary>
/// <param name="Protocol">Tcp, Udp or Icmp, which stands for ICMPv6 as well.</param>
/// <param name="Port">The destination port.</param>
public readonly record struct Traffic(ProtocolType Protocol, int Port = 0)
{
    /// <summary>ICMP or ICMPv6 echo.</summary>
    public static Traffic Icmp { get; } = new(ProtocolType.Icmp);

    /// <summary>A TCP connection.</summary>
    public static Traffic Tcp(int port) => new(ProtocolType.Tcp, port);

    /// <summary>A UDP datagram.</summary>
    public static Traffic Udp(int port) => new(ProtocolType.Udp, port);

    /// <inheritdoc/>
    public override string ToString() => Protocol == ProtocolType.Icmp ? "icmp" : $"{Port}/{Protocol.ToString().ToLowerInvariant()}";
}

/// <summary>What became of a probe, and which it was.</summary>
public sealed record ProbeResult(TestHost From, IPAddress To, Traffic Traffic, Outcome Outcome);

/// <summary>
/// Sends a random token from a host to an address and waits for it to come back: over a TCP connection, in a UDP datagram, in an ICMP echo.
/// </summary>
public static class Probe
{
    private static readonly int ParallelProbes = 8 * Environment.ProcessorCount;
    // Only what is dropped takes so long; anything else may, on a machine that has much to do.
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(2);

    /// <summary>Sends one probe.</summary>
    public static ProbeResult Send(TestHost from, IPAddress to, Traffic traffic, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        return new(from, to, traffic, from.Namespace.Run(() => new Exchange(to, traffic, deadline ?? DefaultDeadline).Run()));
    }

    /// <summary>Sends one probe to a host's address of a family.</summary>
    public static Outcome Send(TestHost from, TestHost to, AddressFamily family, Traffic traffic, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(to);
        return Send(from, to.Address(family), traffic, deadline).Outcome;
    }

    /// <summary>Sends many probes, some at a time, so that waiting for what never comes is shared; the results are in order.</summary>
    public static ProbeResult[] SendAll(IReadOnlyList<(TestHost From, IPAddress To, Traffic Traffic)> probes, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(probes);
        var results = new ProbeResult[probes.Count];
        int next = -1;
        Exception? failure = null;
        var threads = Enumerable.Range(0, Math.Min(ParallelProbes, probes.Count)).Select(_ => new Thread(() =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < results.Length;)
            {
                try
                {
                    results[i] = Send(probes[i].From, probes[i].To, probes[i].Traffic, deadline);
                }
                catch (Exception e)
                {
                    failure = e;
                }
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return failure is null ? results : throw new InvalidOperationException("a probe could not be sent", failure);
    }

    // One exchange, on the thread that entered the namespace. Plain system calls: the error queue, which says who refused, has no API.
    private sealed unsafe class Exchange(IPAddress destination, Traffic traffic, TimeSpan deadline)
    {
        private const int SolIp = 0, SolIpv6 = 41, IpRecvErr = 11, Ipv6RecvErr = 25;
        private const int OriginIcmp = 2, OriginIcmp6 = 3;

        private readonly bool _v4 = destination.AddressFamily == AddressFamily.InterNetwork;
        private readonly byte[] _token = RandomNumberGenerator.GetBytes(16);
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private int _socket;

        public Outcome Run()
        {
            (int type, int protocol) = traffic.Protocol switch
            {
                ProtocolType.Tcp => (SOCK_STREAM, IPPROTO_TCP),
                ProtocolType.Udp => (SOCK_DGRAM, IPPROTO_UDP),
                _ => (SOCK_RAW, _v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6),
            };
            _socket = socket(_v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
            if (_socket < 0)
            {
                throw new IOException($"cannot make a socket for {traffic}: errno {errno}");
            }

            try
            {
                int on = 1;
                _ = _v4 ? setsockopt(_socket, SolIp, IpRecvErr, &on, 4) : setsockopt(_socket, SolIpv6, Ipv6RecvErr, &on, 4);
                return Connect() ?? Send() ?? Receive();
            }
            finally
            {
                _ = close(_socket);
            }
        }

        private Outcome? Connect()
        {
            SocketAddress address = new IPEndPoint(destination, traffic.Protocol == ProtocolType.Icmp ? 0 : traffic.Port).Serialize();
            fixed (byte* bytes = address.Buffer.Span)
            {
                if (connect(_socket, (sockaddr*)bytes, address.Size) == 0)
                {
                    return null;
                }
            }

            if (errno != EINPROGRESS)
            {
                return Refusal(errno);
            }

            if (!Wait(POLLOUT))
            {
                return Outcome.TimedOut;
            }

            int error = 0;
            socklen_t size = sizeof(int);
            _ = getsockopt(_socket, SOL_SOCKET, SO_ERROR, &error, &size);
            return error == 0 ? null : Refusal(error);
        }

        private Outcome? Send()
        {
            byte[] message = traffic.Protocol == ProtocolType.Icmp ? EchoRequest() : _token;
            fixed (byte* bytes = message)
            {
                return send(_socket, bytes, message.Length, MSG_NOSIGNAL) < 0 ? Refusal(errno) : null;
            }
        }

        private Outcome Receive()
        {
            byte[] buffer = new byte[2048];
            int received = 0;
            while (Wait(POLLIN))
            {
                fixed (byte* bytes = buffer)
                {
                    long count = recv(_socket, bytes + received, buffer.Length - received, 0);
                    if (count < 0 && errno != EAGAIN)
                    {
                        return Refusal(errno);
                    }

                    if (count == 0)
                    {
                        return Outcome.Refused;
                    }

                    // Only a TCP stream may come in pieces; of anything else the last message is looked at by itself.
                    int length = (int)Math.Max(count, 0) + received;
                    received = traffic.Protocol == ProtocolType.Tcp ? length : 0;
                    if (IsReply(buffer.AsSpan(0, length)))
                    {
                        return Outcome.Reached;
                    }
                }
            }

            return Outcome.TimedOut;
        }

        // A raw socket sees all ICMP of the host, with the IPv4 header; the token tells whose reply it is.
        private bool IsReply(ReadOnlySpan<byte> message)
        {
            if (traffic.Protocol != ProtocolType.Icmp)
            {
                return message.SequenceEqual(_token);
            }

            ReadOnlySpan<byte> icmp = _v4 && !message.IsEmpty ? message[((message[0] & 15) * 4)..] : message;
            return icmp.Length == 8 + _token.Length && icmp[0] == (_v4 ? 0 : 129) && icmp[8..].SequenceEqual(_token);
        }

        private byte[] EchoRequest()
        {
            byte[] message = [_v4 ? (byte)8 : (byte)128, 0, 0, 0, _token[0], _token[1], 0, 1, .. _token];
            uint sum = 0;
            for (int i = 0; i < message.Length; i += 2)
            {
                sum += BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(i));
            }

            sum = (sum & 0xffff) + (sum >> 16);
            sum += sum >> 16;
            // For ICMPv6 the kernel puts in its own.
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)~sum);
            return message;
        }

        private bool Wait(short events)
        {
            var poll = new pollfd { fd = _socket, events = events };
            int left = (int)(deadline - _clock.Elapsed).TotalMilliseconds;
            return left > 0 && LibC.poll(&poll, 1, left) > 0;
        }

        private Outcome Refusal(int error) => IcmpError() is { } icmp
            ? icmp.NoWay ? Outcome.Unreachable : icmp.Source.Equals(destination) ? Outcome.Refused : Outcome.Rejected
            : error switch
            {
                var e when e == ECONNREFUSED || e == ECONNRESET => Outcome.Refused,
                var e when e == EHOSTUNREACH || e == ENETUNREACH => Outcome.Unreachable,
                _ => throw new IOException($"the probe {traffic} to {destination} failed: errno {error}"),
            };

        // The ICMP error that ended the exchange, from the error queue: who sent it, and whether it says that no network or host is there.
        private (IPAddress Source, bool NoWay)? IcmpError()
        {
            byte* control = stackalloc byte[512];
            byte* data = stackalloc byte[512];
            var vector = new iovec { iov_base = data, iov_len = 512 };
            var message = new msghdr { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = 512 };
            if (recvmsg(_socket, &message, MSG_ERRQUEUE) < 0)
            {
                return null;
            }

            // The first control message is the error's: cmsghdr (16 bytes), errno (4), origin, type, code, pad, info (4), data (4), offender.
            byte* error = control + 16;
            byte* offender = error + 16;
            (byte origin, byte code) = (error[4], error[6]);
            return origin switch
            {
                OriginIcmp => (new IPAddress(new ReadOnlySpan<byte>(offender + 4, 4)), NoWay: code is 0 or 1),
                OriginIcmp6 => (new IPAddress(new ReadOnlySpan<byte>(offender + 8, 16)), NoWay: code is 0 or 3),
                _ => null,
            };
        }
    }
}

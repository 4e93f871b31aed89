using System.Diagnostics;
using System.Runtime.CompilerServices;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Sockets;
using DcosIsolation.Netlink.Wire;
using Tmds.Linux;
using Xunit;
using static Tmds.Linux.LibC;

namespace DcosIsolation.KernelTests.Sockets;

/// <summary>The socket when the kernel, or somebody who plays the kernel, does not answer as it should.</summary>
public sealed class NetlinkSocketTests
{
    private const byte Flush = 4;
    private const ushort NlmsgError = 2;

    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(200);

    private readonly byte[] _buffer = new byte[IpsetRequest.MaxLength];

    [SkippableFact]
    public void An_answer_that_does_not_come_is_waited_for_only_so_long() => WithSocket(socket =>
    {
        socket.Timeout = s_short;
        var watch = Stopwatch.StartNew();
        AssertTimedOut(() => socket.Exchange(Silent(socket.NextSequence())));
        Assert.InRange(watch.Elapsed, s_short * 0.9, TimeSpan.FromSeconds(5));

        socket.Timeout = TimeSpan.FromSeconds(10);
        Assert.True(socket.Exchange(Ask(socket.NextSequence())).IsSuccess);
    });

    [SkippableFact]
    public void An_answer_that_comes_too_late_is_not_taken_for_the_next() => WithSocket(socket =>
    {
        for (int i = 0; i < 20; i++)
        {
            socket.Timeout = TimeSpan.Zero;
            AssertTimedOut(() => socket.Exchange(Request(socket.NextSequence()).Command(_buffer, Flush, "missing")));
            socket.Timeout = TimeSpan.FromSeconds(10);
            Assert.True(socket.Exchange(Ask(socket.NextSequence())).IsSuccess);
            Assert.Equal(
                (int)Errno.NoEntry, socket.Exchange(Request(socket.NextSequence()).Command(_buffer, Flush, "missing")).Error);
        }
    });

    [SkippableFact]
    public void Another_process_cannot_answer_for_the_kernel() => WithSocket(socket =>
    {
        uint sequence = socket.NextSequence();
        using var forger = new Forger();
        forger.Send(socket.PortId, Acknowledge(sequence, socket.PortId));
        Assert.Equal((int)Errno.NoEntry, socket.Exchange(Request(sequence).Command(_buffer, Flush, "missing")).Error);
    });

    [SkippableFact]
    public void A_flood_of_forged_answers_does_not_make_the_wait_any_longer() => WithSocket(socket =>
    {
        socket.Timeout = s_short;
        uint sequence = socket.NextSequence();
        using var forger = new Forger();
        bool stop = false;
        byte[] forged = Acknowledge(sequence, socket.PortId);
        uint port = socket.PortId;
        var flood = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                forger.TrySend(port, forged);
            }
        });
        flood.Start();
        try
        {
            var watch = Stopwatch.StartNew();
            NetlinkReplyLostException lost = Assert.Throws<NetlinkReplyLostException>(() => socket.Exchange(Silent(sequence)));
            Assert.True(lost.Errno is Errno.TimedOut or Errno.NoBufferSpace);
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }
        finally
        {
            Volatile.Write(ref stop, true);
            flood.Join();
        }
    });

    [SkippableFact]
    public unsafe void Replies_that_the_buffer_could_not_take_are_told_and_the_socket_goes_on() => WithSocket(socket =>
    {
        int smallest = 1;
        Assert.Equal(0, setsockopt(Descriptor(socket), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof(int)));
        using var forger = new Forger();
        byte[] noise = Acknowledge(0, 0);
        while (forger.TrySend(socket.PortId, noise))
        {
        }

        NetlinkReplyLostException lost = Assert.Throws<NetlinkReplyLostException>(() => socket.Exchange(Ask(socket.NextSequence())));
        Assert.Equal(Errno.NoBufferSpace, lost.Errno);
        Assert.True(lost.CanRetry);
        Assert.Equal(
            "cannot receive the kernel's answer: replies were lost because the receive buffer was full (ENOBUFS); read the state back",
            lost.Message);
        Assert.True(socket.Exchange(Ask(socket.NextSequence())).IsSuccess);
    });

    [SkippableFact]
    public void A_dump_that_is_given_up_does_not_stand_in_the_way_of_the_next() => WithSocket(socket =>
    {
        using (var client = IpsetClient.Open())
        {
            Skip.If(client.GetRevisions(IpsetType.HashNet, NetfilterFamily.Inet) is null, "the kernel has no hash:net");
            client.Create("s", IpsetType.HashNet, NetfilterFamily.Inet);
            client.AddRange<IpsetEntry>(
                "s", [.. Enumerable.Range(0, 20_000).Select(i => Ipset.SetTypes.Entry(IpsetType.HashNet, NetfilterFamily.Inet, i))]);
        }

        int messages = 0;
        NetlinkReplyHandler<int> giveUp = (ref _, ref messages) => throw new OperationCanceledException($"{++messages}");
        Assert.Throws<OperationCanceledException>(
            () => socket.Exchange(Request(socket.NextSequence()).List(_buffer, "s", headersOnly: false), ref messages, giveUp));
        Assert.Equal(1, messages);
        NetlinkReplyHandler<int> count = (ref _, ref messages) => messages++;
        Assert.True(socket.Exchange(Request(socket.NextSequence()).List(_buffer, "s", headersOnly: false), ref messages, count).IsSuccess);
        Assert.True(messages > 3);
    });

    [SkippableFact]
    public void A_request_that_is_no_message_is_refused_before_it_is_sent() => WithSocket(socket =>
    {
        Assert.Throws<NetlinkFormatException>(() => socket.Exchange([]));
        Assert.Throws<NetlinkFormatException>(() => socket.Exchange(new byte[15]));
    });

    [SkippableFact]
    public void A_request_larger_than_the_send_buffer_is_told_with_its_size() => WithSocket(socket =>
    {
        byte[] large = new byte[4 << 20];
        BitConverter.TryWriteBytes(large, large.Length);
        NetlinkException refused = Assert.Throws<NetlinkException>(() => socket.Exchange(large));
        Assert.Equal(
            "cannot send a netlink request of 4194304 bytes: the message is larger than the socket's send buffer (EMSGSIZE)",
            refused.Message);
    });

    [SkippableFact]
    public unsafe void An_answer_larger_than_the_buffer_is_told_and_the_socket_goes_on() => WithSocket(socket =>
    {
        int large = 1 << 20;
        Assert.Equal(0, setsockopt(Descriptor(socket), SOL_SOCKET, SO_SNDBUFFORCE, &large, sizeof(int)));

        // The kernel refuses protocol 5, and repeats the whole request in its answer.
        byte[] request = new byte[300_000];
        int written = new IpsetRequest(5, socket.NextSequence()).Command(request, Flush, "s").Length;
        request.AsSpan(written).Clear();
        BitConverter.TryWriteBytes(request, request.Length);
        Assert.Matches(
            "^a netlink datagram of 3000[0-9]{2} bytes is longer than the buffer of 262144$",
            Assert.Throws<NetlinkFormatException>(() => socket.Exchange(request)).Message);
        Assert.True(socket.Exchange(Ask(socket.NextSequence())).IsSuccess);
    });

    [SkippableFact]
    public void A_closed_socket_says_so() => WithSocket(socket =>
    {
        socket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => socket.Exchange(Ask(1)));
        socket.Dispose();
    });

    private static void WithSocket(Action<NetlinkSocket> body) => NewNamespace.Run(() =>
    {
        using var socket = NetlinkSocket.Open();
        body(socket);
    });

    private static void AssertTimedOut(Action action)
    {
        NetlinkReplyLostException lost = Assert.Throws<NetlinkReplyLostException>(action);
        Assert.Equal(Errno.TimedOut, lost.Errno);
        Assert.Equal("cannot receive the kernel's answer: no answer came in time (ETIMEDOUT); read the state back", lost.Message);
    }

    private static IpsetRequest Request(uint sequence) => new(6, sequence);

    private ReadOnlySpan<byte> Ask(uint sequence) => Request(sequence).Protocol(_buffer);

    /// <summary>A request that the kernel does and does not answer: one without NLM_F_ACK.</summary>
    private ReadOnlySpan<byte> Silent(uint sequence)
    {
        var writer = new NetlinkMessageWriter(_buffer);
        writer.BeginMessage((6 << 8) | Flush, NetlinkMessageFlags.Request, sequence);
        writer.WriteNetfilterHeader(NetfilterFamily.Inet);
        writer.WriteByte(1, 6);
        writer.EndMessage();
        return writer.Written;
    }

    /// <summary>NLMSG_ERROR with error 0, as the kernel would write it.</summary>
    private static byte[] Acknowledge(uint sequence, uint port)
    {
        byte[] ack = new byte[36];
        BitConverter.TryWriteBytes(ack, ack.Length);
        BitConverter.TryWriteBytes(ack.AsSpan(4), NlmsgError);
        BitConverter.TryWriteBytes(ack.AsSpan(8), sequence);
        BitConverter.TryWriteBytes(ack.AsSpan(12), port);
        return ack;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_descriptor")]
    private static extern ref int Descriptor(NetlinkSocket socket);

    /// <summary>Somebody with CAP_NET_ADMIN in the same network namespace.</summary>
    private sealed class Forger : IDisposable
    {
        private readonly int _socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 12);

        public void Send(uint port, byte[] message) => Assert.True(TrySend(port, message));

        public unsafe bool TrySend(uint port, byte[] message)
        {
            // struct sockaddr_nl
            uint* address = stackalloc uint[3] { (ushort)AF_NETLINK, port, 0 };
            fixed (byte* bytes = message)
            {
                return sendto(_socket, bytes, message.Length, MSG_DONTWAIT, (sockaddr*)address, 12) == message.Length;
            }
        }

        public void Dispose() => _ = close(_socket);
    }
}

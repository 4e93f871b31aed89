using System.Runtime.InteropServices;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Lab;

/// <summary>
/// Sends and receives whole Ethernet frames on one link of a namespace, many in one system call. What it receives does not depend on any
/// address: every frame that reaches the link is seen. Not thread-safe.
/// </summary>
public sealed unsafe partial class PacketSocket : IDisposable
{
    /// <summary>The most frames that one call sends or receives.</summary>
    public const int MaxFrames = 256;

    /// <summary>The room for a frame, in bytes; of longer ones only the beginning is received.</summary>
    public const int MaxFrameLength = 128;

    private const int EthernetAll = 0x0300; // htons(ETH_P_ALL)
    private const int ReceiveBuffer = 8 << 20;

    private readonly int _socket;
    private readonly byte* _frames = (byte*)NativeMemory.AllocZeroed(MaxFrames, MaxFrameLength);
    private readonly iovec* _vectors = (iovec*)NativeMemory.AllocZeroed(MaxFrames, (nuint)sizeof(iovec));
    private readonly mmsghdr* _messages = (mmsghdr*)NativeMemory.AllocZeroed(MaxFrames, (nuint)sizeof(mmsghdr));
    private long _dropped;

    private PacketSocket(int socket)
    {
        _socket = socket;
        for (int i = 0; i < MaxFrames; i++)
        {
            _vectors[i].iov_base = _frames + (i * MaxFrameLength);
            _messages[i].msg_hdr = new msghdr { msg_iov = _vectors + i, msg_iovlen = 1 };
        }
    }

    /// <summary>The frames that the socket could not hold since it was opened: what it received was too much at a time.</summary>
    public long Dropped
    {
        get
        {
            // struct tpacket_stats: packets, drops. Reading sets both to 0.
            uint* statistics = stackalloc uint[2];
            socklen_t length = 2 * sizeof(uint);
            Check(getsockopt(_socket, SOL_PACKET, PACKET_STATISTICS, statistics, &length), "ask a packet socket for what it dropped");
            return _dropped += statistics[1];
        }
    }

    /// <summary>Opens a socket on a link.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="link">The link's name.</param>
    /// <param name="receives">Whether it receives, too; otherwise it costs nothing when frames come.</param>
    public static PacketSocket Open(NetworkNamespace space, string link, bool receives)
    {
        ArgumentNullException.ThrowIfNull(space);
        return space.Run(() =>
        {
            var opened = new PacketSocket(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
            try
            {
                opened.Bind(link, receives);
                return opened;
            }
            catch
            {
                opened.Dispose();
                throw;
            }
        });
    }

    /// <summary>Puts a frame into a place for <see cref="Send"/>.</summary>
    public void Set(int index, ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(new Span<byte>(_frames + (index * MaxFrameLength), MaxFrameLength));
        _vectors[index].iov_len = frame.Length;
    }

    /// <summary>Sends the frames in the first places.</summary>
    public void Send(int count)
    {
        for (int sent = 0; sent < count;)
        {
            int more = sendmmsg(_socket, _messages + sent, (uint)(count - sent), 0);
            Check(more, "send frames");
            sent += more;
        }
    }

    /// <summary>Waits for frames, this many milliseconds at most, and receives as many as there are; returns how many.</summary>
    public int Receive(int milliseconds)
    {
        var wait = new pollfd { fd = _socket, events = POLLIN };
        if (poll(&wait, 1, milliseconds) <= 0)
        {
            return 0;
        }

        for (int i = 0; i < MaxFrames; i++)
        {
            _vectors[i].iov_len = MaxFrameLength;
        }

        int count = recvmmsg(_socket, _messages, MaxFrames, MSG_DONTWAIT, null);
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : Check(count, "receive frames");
    }

    /// <summary>A frame that the last <see cref="Receive"/> received.</summary>
    public ReadOnlySpan<byte> Frame(int index) => new(_frames + (index * MaxFrameLength), (int)_messages[index].msg_len);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_socket >= 0)
        {
            _ = close(_socket);
        }

        NativeMemory.Free(_frames);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }

    private void Bind(string link, bool receives)
    {
        Check(_socket, "open a packet socket");
        int size = ReceiveBuffer;
        if (setsockopt(_socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(int)) != 0)
        {
            // Only the machine's root may go beyond net.core.rmem_max; what does not fit is counted in Dropped.
            Check(setsockopt(_socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof(int)), "enlarge a packet socket's buffer");
        }

        uint index = if_nametoindex(link);
        var address = new sockaddr_ll
        {
            sll_family = (ushort)AF_PACKET,
            sll_protocol = receives ? (ushort)EthernetAll : (ushort)0,
            sll_ifindex = index == 0 ? throw new IOException($"there is no link {link}: errno {errno}") : (int)index,
        };
        Check(bind(_socket, (sockaddr*)&address, sizeof(sockaddr_ll)), $"bind a packet socket to {link}");
    }

    private static int Check(int result, string what) => result >= 0 ? result : throw new IOException($"cannot {what}: errno {errno}");

    // What Tmds.LibC leaves out.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint if_nametoindex(string name);

    [LibraryImport("libc")]
    private static partial int sendmmsg(int socket, mmsghdr* messages, uint count, int flags);

    [LibraryImport("libc")]
    private static partial int recvmmsg(int socket, mmsghdr* messages, uint count, int flags, void* timeout);
}

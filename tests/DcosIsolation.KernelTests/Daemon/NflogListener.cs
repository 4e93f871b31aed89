using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Lab;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Listens to a group of nfnetlink_log in a namespace: what arrives there are the packets that NFLOG rules log.</summary>
internal sealed unsafe class NflogListener : IDisposable
{
    // linux/netfilter/nfnetlink.h, nfnetlink_log.h
    private const int NetlinkNetfilter = 12;
    private const int PacketMessage = 4 << 8, ConfigMessage = PacketMessage | 1;
    private const ushort ConfigCommand = 1, ConfigMode = 2, ConfigThreshold = 5, PrefixAttribute = 10;
    private const byte CommandBind = 1, CopyMeta = 1;
    private const int HeaderSize = 16, GenericSize = 4;

    private readonly int _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];

    public NflogListener(NetworkNamespace space, ushort group)
    {
        _socket = space.Run(() => socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NetlinkNetfilter));
        Check(_socket, "open a netlink socket");
        Configure(group, ConfigCommand, [CommandBind]);
        Configure(group, ConfigMode, [0, 0, 0, 0, CopyMeta, 0]);

        // Each packet is sent by itself and at once.
        Configure(group, ConfigThreshold, [0, 0, 0, 1]);
    }

    /// <summary>The prefixes of the packets that arrive until there was none for so long.</summary>
    public List<string> Receive(int quietMilliseconds)
    {
        List<string> prefixes = [];
        var wait = new pollfd { fd = _socket, events = POLLIN };
        while (poll(&wait, 1, quietMilliseconds) > 0)
        {
            int length = ReceiveOnce();
            for (int at = 0; at + HeaderSize <= length;)
            {
                int size = MemoryMarshal.Read<int>(_buffer.AsSpan(at));
                if (MemoryMarshal.Read<ushort>(_buffer.AsSpan(at + 4)) == PacketMessage)
                {
                    prefixes.Add(PrefixOf(_buffer.AsSpan(at, size)));
                }

                at += (size + 3) & ~3;
            }
        }

        return prefixes;
    }

    public void Dispose() => _ = close(_socket);

    private void Configure(ushort group, ushort attribute, ReadOnlySpan<byte> value)
    {
        Span<byte> request = stackalloc byte[HeaderSize + GenericSize + 4 + ((value.Length + 3) & ~3)];
        request.Clear();
        const ushort requestAndAcknowledge = 1 | 4;
        MemoryMarshal.Write(request, request.Length);
        MemoryMarshal.Write(request[4..], (ushort)ConfigMessage);
        MemoryMarshal.Write(request[6..], requestAndAcknowledge);
        BinaryPrimitives.WriteUInt16BigEndian(request[(HeaderSize + 2)..], group);
        MemoryMarshal.Write(request[(HeaderSize + GenericSize)..], (ushort)(4 + value.Length));
        MemoryMarshal.Write(request[(HeaderSize + GenericSize + 2)..], attribute);
        value.CopyTo(request[(HeaderSize + GenericSize + 4)..]);
        fixed (byte* bytes = request)
        {
            Check((int)send(_socket, bytes, request.Length, 0), "configure nfnetlink_log");
        }

        // NLMSG_ERROR with the error, 0 for none.
        ReceiveOnce();
        int error = MemoryMarshal.Read<int>(_buffer.AsSpan(HeaderSize));
        if (MemoryMarshal.Read<ushort>(_buffer.AsSpan(4)) != 2 || error != 0)
        {
            throw new IOException($"nfnetlink_log refused attribute {attribute} of group {group}: errno {-error}");
        }
    }

    private int ReceiveOnce()
    {
        fixed (byte* bytes = _buffer)
        {
            return Check((int)recv(_socket, bytes, _buffer.Length, 0), "receive from nfnetlink_log");
        }
    }

    private static string PrefixOf(ReadOnlySpan<byte> message)
    {
        for (int at = HeaderSize + GenericSize; at + 4 <= message.Length;)
        {
            int size = MemoryMarshal.Read<ushort>(message[at..]);
            if (MemoryMarshal.Read<ushort>(message[(at + 2)..]) == PrefixAttribute)
            {
                return Encoding.ASCII.GetString(message[(at + 4)..(at + size)]).TrimEnd('\0');
            }

            at += (size + 3) & ~3;
        }

        return "";
    }

    private static int Check(int result, string what) => result >= 0 ? result : throw new IOException($"cannot {what}: errno {errno}");
}

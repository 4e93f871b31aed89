using System.Buffers.Binary;
using DcosIsolation.Policy;
using DcosIsolation.Policy.Tests;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>
/// The Ethernet frame of a probe: a UDP datagram or a TCP SYN with a tag as its payload, which says whose probe it is, of which kind, and
/// its number.
/// </summary>
internal sealed class ProbeFrame
{
    private const int EthernetLength = 14;
    private const int TagLength = 12;
    private const byte Tcp = 6, Udp = 17;

    private readonly byte[] _frame;
    private readonly int _transport;
    private readonly int _checksum;
    private readonly uint _sum;

    /// <param name="packet">The addresses, the protocol, TCP or UDP, and the destination port.</param>
    /// <param name="receiver">The Ethernet address of the router's link, 6 bytes.</param>
    /// <param name="run">A number that no other probes on these links have.</param>
    /// <param name="kind">The kind's number.</param>
    public ProbeFrame(Packet packet, ReadOnlySpan<byte> receiver, uint run, int kind)
    {
        bool isInet6 = packet.Family == Family.Inet6;
        int header = packet.Protocol == Udp ? 8 : 20;
        _transport = EthernetLength + (isInet6 ? 40 : 20);
        _frame = new byte[_transport + header + TagLength];
        receiver.CopyTo(_frame);
        _frame[6] = 2;
        Span<byte> network = _frame.AsSpan(EthernetLength);
        Span<byte> transport = _frame.AsSpan(_transport);
        BinaryPrimitives.WriteUInt16BigEndian(_frame.AsSpan(12), (ushort)(isInet6 ? 0x86dd : 0x0800));
        int addresses = isInet6 ? WriteInet6(network, packet, transport.Length) : WriteInet(network, packet, transport.Length);

        BinaryPrimitives.WriteUInt16BigEndian(transport[2..], packet.Port);
        if (packet.Protocol == Udp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)transport.Length);
        }
        else
        {
            transport[12] = 5 << 4;
            transport[13] = 2; // SYN
            BinaryPrimitives.WriteUInt16BigEndian(transport[14..], 0xffff);
        }

        Span<byte> tag = transport[header..];
        BinaryPrimitives.WriteUInt32BigEndian(tag, run);
        BinaryPrimitives.WriteInt32BigEndian(tag[4..], kind);
        _checksum = _transport + (packet.Protocol == Udp ? 6 : 16);
        _sum = Sum(network[addresses..]) + packet.Protocol + (uint)transport.Length;
    }

    /// <summary>The frame with a sequence number, and with a source port that follows from it: a new flow each time.</summary>
    public ReadOnlySpan<byte> Stamp(uint sequence)
    {
        ushort port = (ushort)(1024 + (sequence % 60_000));
        BinaryPrimitives.WriteUInt16BigEndian(_frame.AsSpan(_transport), port);
        BinaryPrimitives.WriteUInt32BigEndian(_frame.AsSpan(_frame.Length - 4), sequence);
        BinaryPrimitives.WriteUInt16BigEndian(_frame.AsSpan(_checksum), Fold(_sum + port + (sequence >> 16) + (sequence & 0xffff)));
        return _frame;
    }

    /// <summary>Reads the tag of a frame; false when it is no probe.</summary>
    public static bool TryReadTag(ReadOnlySpan<byte> frame, uint run, out int kind, out uint sequence)
    {
        (kind, sequence) = (0, 0);
        if (frame.Length < EthernetLength + 20 + 8 + TagLength)
        {
            return false;
        }

        // Other packets, ICMP errors that quote a probe among them, have other protocols.
        byte protocol = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) switch
        {
            0x0800 => frame[EthernetLength + 9],
            0x86dd => frame[EthernetLength + 6],
            _ => 0,
        };
        ReadOnlySpan<byte> tag = frame[^TagLength..];
        if (protocol is not (Tcp or Udp) || BinaryPrimitives.ReadUInt32BigEndian(tag) != run)
        {
            return false;
        }

        kind = BinaryPrimitives.ReadInt32BigEndian(tag[4..]);
        sequence = BinaryPrimitives.ReadUInt32BigEndian(tag[8..]);
        return true;
    }

    // Both return where the addresses begin, from which on everything is in the transport's checksum.
    private static int WriteInet(Span<byte> header, Packet packet, int payload)
    {
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(20 + payload));
        header[8] = 64;
        header[9] = packet.Protocol;
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], (uint)(packet.Source >> 96));
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], (uint)(packet.Destination >> 96));
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], Fold(Sum(header[..20])));
        return 12;
    }

    private static int WriteInet6(Span<byte> header, Packet packet, int payload)
    {
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)payload);
        header[6] = packet.Protocol;
        header[7] = 64;
        BinaryPrimitives.WriteUInt128BigEndian(header[8..], packet.Source);
        BinaryPrimitives.WriteUInt128BigEndian(header[24..], packet.Destination);
        return 8;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        return sum;
    }

    private static ushort Fold(uint sum)
    {
        sum = (sum & 0xffff) + (sum >> 16);
        sum += sum >> 16;
        // UDP's 0 means that there is no checksum.
        return (ushort)~sum is 0 ? (ushort)0xffff : (ushort)~sum;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Wire;

/// <summary>
/// Reads the messages of one received datagram, one after the other: <see cref="Read"/>, then the properties. Allocates nothing; what it
/// hands out are views of the datagram.
/// </summary>
public ref struct NetlinkMessageReader
{
    private ReadOnlySpan<byte> _rest;
    private nlmsghdr _header;

    /// <summary>Makes a reader at the start of <paramref name="datagram"/>.</summary>
    public NetlinkMessageReader(ReadOnlySpan<byte> datagram) => _rest = datagram;

    /// <summary>nlmsg_type.</summary>
    public readonly ushort Type => _header.nlmsg_type;

    /// <summary>nlmsg_flags.</summary>
    public readonly ushort Flags => _header.nlmsg_flags;

    /// <summary>nlmsg_seq.</summary>
    public readonly uint Sequence => _header.nlmsg_seq;

    /// <summary>nlmsg_pid: the port for which the message is meant.</summary>
    public readonly uint PortId => _header.nlmsg_pid;

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>Goes to the next message.</summary>
    /// <returns>False when the datagram is at its end.</returns>
    /// <exception cref="NetlinkFormatException">What follows is too short for a header, or for the length in its header.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        if (!MemoryMarshal.TryRead(_rest, out _header))
        {
            ThrowShort(_rest.Length);
        }

        uint length = _header.nlmsg_len;
        if (length < Unsafe.SizeOf<nlmsghdr>() || length > _rest.Length)
        {
            ThrowLength(length, _rest.Length);
        }

        Payload = _rest[Unsafe.SizeOf<nlmsghdr>()..(int)length];
        int aligned = ((int)length + NetlinkConstants.NLMSG_ALIGNTO - 1) & -NetlinkConstants.NLMSG_ALIGNTO;
        _rest = _rest[Math.Min(aligned, _rest.Length)..];
        return true;
    }

    /// <summary>The attributes of a netfilter message, behind its nfgenmsg.</summary>
    /// <exception cref="NetlinkFormatException">The payload is too short for an nfgenmsg.</exception>
    public readonly NetlinkAttributeReader NetfilterAttributes() => AttributesBehind(Payload, Unsafe.SizeOf<nfgenmsg>());

    /// <summary>The attributes of <paramref name="payload"/> behind a header of <paramref name="headerLength"/> bytes.</summary>
    internal static NetlinkAttributeReader AttributesBehind(ReadOnlySpan<byte> payload, int headerLength)
    {
        if (payload.Length < headerLength)
        {
            ThrowShort(payload.Length);
        }

        return new NetlinkAttributeReader(payload[headerLength..]);
    }

    [DoesNotReturn]
    private static void ThrowShort(int length) => throw new NetlinkFormatException($"{length} bytes are too few for a netlink header");

    [DoesNotReturn]
    private static void ThrowLength(uint length, int available) =>
        throw new NetlinkFormatException($"a netlink message says that it has {length} bytes, {available} are there");
}

using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Wire;

/// <summary>The start of a nested attribute, given out by <see cref="NetlinkMessageWriter.BeginNested"/> and demanded by its end.</summary>
public readonly ref struct NetlinkNesting
{
    internal NetlinkNesting(int offset, int outer) => (Offset, Outer) = (offset, outer);

    /// <summary>Where the attribute begins.</summary>
    internal int Offset { get; }

    /// <summary>Where the attribute around it begins.</summary>
    internal int Outer { get; }
}

/// <summary>
/// Writes netlink messages into a caller's buffer: headers, attributes, nested attributes, padding. Allocates nothing. Several messages
/// may follow each other in one buffer. Not thread-safe, as any ref struct.
/// </summary>
/// <remarks>Lengths in headers are host byte order; attribute values are in the byte order that the method's name says.</remarks>
public ref struct NetlinkMessageWriter
{
    private const int None = -1;

    private readonly Span<byte> _buffer;
    private int _messageStart;

    // Where the innermost open nested attribute begins.
    private int _innermost;

    /// <summary>Makes a writer over <paramref name="buffer"/>, empty.</summary>
    public NetlinkMessageWriter(Span<byte> buffer)
    {
        _buffer = buffer;
        _messageStart = None;
        _innermost = None;
        Poison(buffer);
    }

    /// <summary>The bytes written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    /// <summary>The number of bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>The number of bytes that the buffer still takes.</summary>
    public readonly int Remaining => _buffer.Length - Length;

    /// <summary>Begins a message: writes its nlmsghdr.</summary>
    /// <param name="type">nlmsg_type.</param>
    /// <param name="flags">nlmsg_flags.</param>
    /// <param name="sequence">nlmsg_seq; the kernel repeats it in its answers.</param>
    /// <exception cref="InvalidOperationException">The message before has not been ended, or the buffer is full.</exception>
    public void BeginMessage(ushort type, NetlinkMessageFlags flags, uint sequence)
    {
        if (_messageStart >= 0)
        {
            ThrowMessageOpen();
        }

        int start = Length;
        Append(new nlmsghdr { nlmsg_type = type, nlmsg_flags = (ushort)flags, nlmsg_seq = sequence });
        _messageStart = start;
    }

    /// <summary>Writes the nfgenmsg that follows the header in every netfilter message.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    public void WriteNetfilterHeader(NetfilterFamily family) =>
        Append(new nfgenmsg { nfgen_family = (byte)family, version = NfnetlinkConstants.NFNETLINK_V0 });

    /// <summary>Ends the message: fills in its length.</summary>
    /// <exception cref="InvalidOperationException">No message was begun, or a nested attribute is still open.</exception>
    public void EndMessage()
    {
        if (_messageStart < 0 || _innermost != None)
        {
            ThrowUnbalanced();
        }

        MemoryMarshal.Write(_buffer[_messageStart..], Length - _messageStart);
        _messageStart = None;
    }

    /// <summary>Begins a nested attribute (NLA_F_NESTED). End it with <see cref="EndNested"/>, innermost first.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NetlinkNesting BeginNested(ushort type)
    {
        var nesting = new NetlinkNesting(Length, _innermost);
        Append(new nlattr { nla_type = (ushort)(type | NetlinkConstants.NLA_F_NESTED) });
        _innermost = nesting.Offset;
        return nesting;
    }

    /// <summary>Ends a nested attribute: fills in its length.</summary>
    /// <exception cref="InvalidOperationException">
    /// The attribute is not the innermost open one, or it has grown beyond 65,535 bytes, the most that nla_len can say.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndNested(NetlinkNesting nesting)
    {
        if (nesting.Offset != _innermost)
        {
            ThrowUnbalanced();
        }

        int length = Length - nesting.Offset;
        if (length > ushort.MaxValue)
        {
            ThrowTooLong(length);
        }

        _innermost = nesting.Outer;
        MemoryMarshal.Write(_buffer[nesting.Offset..], (ushort)length);
    }

    /// <summary>Writes an attribute of one byte.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    public void WriteByte(ushort type, byte value) => Attribute(type, 1)[0] = value;

    /// <summary>Writes a 16-bit attribute in network byte order, with NLA_F_NET_BYTEORDER.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    public void WriteUInt16BigEndian(ushort type, ushort value) =>
        BinaryPrimitives.WriteUInt16BigEndian(Attribute((ushort)(type | NetlinkConstants.NLA_F_NET_BYTEORDER), sizeof(ushort)), value);

    /// <summary>Writes a 32-bit attribute in network byte order, with NLA_F_NET_BYTEORDER.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    public void WriteUInt32BigEndian(ushort type, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(Attribute((ushort)(type | NetlinkConstants.NLA_F_NET_BYTEORDER), sizeof(uint)), value);

    /// <summary>Writes a 64-bit attribute in network byte order, with NLA_F_NET_BYTEORDER.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    public void WriteUInt64BigEndian(ushort type, ulong value) =>
        BinaryPrimitives.WriteUInt64BigEndian(Attribute((ushort)(type | NetlinkConstants.NLA_F_NET_BYTEORDER), sizeof(ulong)), value);

    /// <summary>Writes a 32-bit attribute in host byte order.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    public void WriteUInt32(ushort type, uint value) => MemoryMarshal.Write(Attribute(type, sizeof(uint)), value);

    /// <summary>Writes bytes as they are.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full, or the value is longer than an attribute can be.</exception>
    public void WriteBytes(ushort type, scoped ReadOnlySpan<byte> value) => value.CopyTo(Attribute(type, value.Length));

    /// <summary>Writes bytes that are a value in network byte order, such as an address, with NLA_F_NET_BYTEORDER.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full, or the value is longer than an attribute can be.</exception>
    public void WriteBytesBigEndian(ushort type, scoped ReadOnlySpan<byte> value) =>
        value.CopyTo(Attribute((ushort)(type | NetlinkConstants.NLA_F_NET_BYTEORDER), value.Length));

    /// <summary>Writes a string in UTF-8 with its terminating NUL, which the kernel's NLA_NUL_STRING policies demand.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full, or the value is longer than an attribute can be.</exception>
    public void WriteString(ushort type, scoped ReadOnlySpan<char> value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Span<byte> target = Attribute(type, length + 1);
        Encoding.UTF8.GetBytes(value, target);
        target[length] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Attribute(ushort type, int length)
    {
        int total = Unsafe.SizeOf<nlattr>() + length;
        if (total > ushort.MaxValue)
        {
            ThrowTooLong(total);
        }

        int aligned = Align(length);
        if (Remaining < Unsafe.SizeOf<nlattr>() + aligned)
        {
            ThrowFull();
        }

        Append(new nlattr { nla_len = (ushort)total, nla_type = type });
        Span<byte> value = _buffer.Slice(Length, length);
        _buffer.Slice(Length + length, aligned - length).Clear();
        Length += aligned;
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append<T>(in T value)
        where T : unmanaged
    {
        if (Remaining < Unsafe.SizeOf<T>())
        {
            ThrowFull();
        }

        MemoryMarshal.Write(_buffer[Length..], value);
        Length += Unsafe.SizeOf<T>();
    }

    private static int Align(int length) => (length + NetlinkConstants.NLA_ALIGNTO - 1) & -NetlinkConstants.NLA_ALIGNTO;

    [Conditional("DEBUG")]
    private static void Poison(Span<byte> buffer) => buffer.Fill(0xdb);

    [DoesNotReturn]
    private static void ThrowFull() => throw new InvalidOperationException("the buffer is too small for the netlink message");

    [DoesNotReturn]
    private static void ThrowTooLong(int length) =>
        throw new InvalidOperationException($"a netlink attribute has at most {ushort.MaxValue} bytes, this one would have {length}");

    [DoesNotReturn]
    private static void ThrowMessageOpen() => throw new InvalidOperationException("the message before has not been ended");

    [DoesNotReturn]
    private static void ThrowUnbalanced() =>
        throw new InvalidOperationException("unbalanced nesting: end what was begun, innermost first, before the message ends");
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Wire;

/// <summary>
/// Reads a run of netlink attributes, one after the other: <see cref="Read"/>, then a typed getter. The getters check the value's size,
/// so that whatever bytes come, only <see cref="NetlinkFormatException"/> comes out. Allocates nothing, but for strings.
/// </summary>
public ref struct NetlinkAttributeReader
{
    private ReadOnlySpan<byte> _rest;
    private ushort _type;

    /// <summary>Makes a reader at the start of <paramref name="attributes"/>.</summary>
    public NetlinkAttributeReader(ReadOnlySpan<byte> attributes) => _rest = attributes;

    /// <summary>The attribute's type, without flags.</summary>
    public readonly ushort Type => (ushort)(_type & NetlinkConstants.NLA_TYPE_MASK);

    /// <summary>Whether the sender marked the value as nested attributes (NLA_F_NESTED).</summary>
    public readonly bool IsNested => (_type & NetlinkConstants.NLA_F_NESTED) != 0;

    /// <summary>The value's bytes.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next attribute.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="NetlinkFormatException">What follows is too short for a header, or for the length in its header.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        if (!MemoryMarshal.TryRead(_rest, out nlattr header))
        {
            ThrowLength(_rest.Length, _rest.Length);
        }

        if (header.nla_len < Unsafe.SizeOf<nlattr>() || header.nla_len > _rest.Length)
        {
            ThrowLength(header.nla_len, _rest.Length);
        }

        _type = header.nla_type;
        Value = _rest[Unsafe.SizeOf<nlattr>()..header.nla_len];
        int aligned = (header.nla_len + NetlinkConstants.NLA_ALIGNTO - 1) & -NetlinkConstants.NLA_ALIGNTO;
        _rest = _rest[Math.Min(aligned, _rest.Length)..];
        return true;
    }

    /// <summary>The value as one byte.</summary>
    /// <exception cref="NetlinkFormatException">The value has another size.</exception>
    public readonly byte GetByte() => Sized(1)[0];

    /// <summary>The value as 16 bits in network byte order.</summary>
    /// <exception cref="NetlinkFormatException">The value has another size.</exception>
    public readonly ushort GetUInt16BigEndian() => BinaryPrimitives.ReadUInt16BigEndian(Sized(sizeof(ushort)));

    /// <summary>The value as 32 bits in network byte order.</summary>
    /// <exception cref="NetlinkFormatException">The value has another size.</exception>
    public readonly uint GetUInt32BigEndian() => BinaryPrimitives.ReadUInt32BigEndian(Sized(sizeof(uint)));

    /// <summary>The value as 64 bits in network byte order.</summary>
    /// <exception cref="NetlinkFormatException">The value has another size.</exception>
    public readonly ulong GetUInt64BigEndian() => BinaryPrimitives.ReadUInt64BigEndian(Sized(sizeof(ulong)));

    /// <summary>The value as 32 bits in host byte order.</summary>
    /// <exception cref="NetlinkFormatException">The value has another size.</exception>
    public readonly uint GetUInt32() => MemoryMarshal.Read<uint>(Sized(sizeof(uint)));

    /// <summary>The value as UTF-8 text, up to its NUL.</summary>
    public readonly string GetString()
    {
        int end = Value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
    }

    /// <summary>The attributes nested in the value.</summary>
    public readonly NetlinkAttributeReader GetNested() => new(Value);

    private readonly ReadOnlySpan<byte> Sized(int size)
    {
        if (Value.Length != size)
        {
            ThrowSize(Type, Value.Length, size);
        }

        return Value;
    }

    [DoesNotReturn]
    private static void ThrowLength(int length, int available) =>
        throw new NetlinkFormatException($"a netlink attribute says that it has {length} bytes, {available} are there");

    [DoesNotReturn]
    private static void ThrowSize(ushort type, int length, int expected) =>
        throw new NetlinkFormatException($"netlink attribute {type} has a value of {length} bytes, {expected} are expected");
}

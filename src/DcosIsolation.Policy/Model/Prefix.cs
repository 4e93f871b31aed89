using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace DcosIsolation.Policy;

/// <summary>The address family of a prefix, a set or a rule.</summary>
public enum Family : byte
{
    /// <summary>IPv4.</summary>
    Inet = 4,

    /// <summary>IPv6.</summary>
    Inet6 = 6,
}

/// <summary>
/// An IPv4 or IPv6 prefix, packed: 24 bytes, no reference. The address is held left-aligned in 128 bits, so that order, containment and
/// adjacency are the same arithmetic for both families. Host bits are always zero.
/// </summary>
public readonly struct Prefix : IEquatable<Prefix>, IRadixKey<Prefix>
{
    /// <summary>The longest text: an IPv6 address that ends as an IPv4 one, and a length.</summary>
    internal const int MaxTextLength = 45 + 4;

    private readonly ulong _high;
    private readonly ulong _low;

    /// <summary>Makes the prefix that holds <paramref name="bits"/>; bits beyond <paramref name="length"/> are cleared.</summary>
    /// <param name="family">The address family.</param>
    /// <param name="bits">The address, left-aligned: the first octet is the most significant byte.</param>
    /// <param name="length">The prefix length in bits: 0 to 32, or 0 to 128.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is too large for the family.</exception>
    public Prefix(Family family, UInt128 bits, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength(family));
        bits &= Mask(length);
        _high = (ulong)(bits >> 64);
        _low = (ulong)bits;
        Length = (byte)length;
        Family = family;
    }

    /// <summary>Makes an IPv4 prefix of what is known to have no host bits.</summary>
    internal Prefix(uint address, byte length) => (_high, Length, Family) = ((ulong)address << 32, length, Family.Inet);

    /// <summary>The address family.</summary>
    public Family Family { get; }

    /// <summary>The prefix length in bits.</summary>
    public byte Length { get; }

    /// <summary>The address, left-aligned in 128 bits.</summary>
    public UInt128 Bits => new(_high, _low);

    /// <summary>The last address of the prefix, left-aligned; for IPv4 the 96 bits below the address are ones too.</summary>
    public UInt128 LastBits => Bits | ~Mask(Length);

    /// <summary>The longest prefix length of a family: 32 or 128.</summary>
    public static int MaxLength(Family family) => family == Family.Inet ? 32 : 128;

    /// <summary>The address as the framework's type.</summary>
    public IPAddress Address
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
            return new IPAddress(Family == Family.Inet ? bytes[..4] : bytes);
        }
    }

    /// <summary>Makes a prefix from an address; host bits are cleared.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is too large for the address's family.</exception>
    public static Prefix From(IPAddress address, int length)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        Family family = address.AddressFamily == AddressFamily.InterNetwork ? Family.Inet : Family.Inet6;
        return new Prefix(family, BinaryPrimitives.ReadUInt128BigEndian(bytes), length);
    }

    /// <summary>Whether every address of <paramref name="other"/> is one of this prefix.</summary>
    public bool Contains(Prefix other) => Family == other.Family && Length <= other.Length && (other.Bits & Mask(Length)) == Bits;

    /// <summary>Whether the address <paramref name="bits"/>, left-aligned and of the same family, is one of this prefix.</summary>
    public bool Contains(UInt128 bits) => (bits & Mask(Length)) == Bits;

    /// <summary>Orders by family, then address, then length: a prefix comes directly before those it contains.</summary>
    public int CompareTo(Prefix other)
    {
        if (Family != other.Family)
        {
            return Family < other.Family ? -1 : 1;
        }

        if (_high != other._high)
        {
            return _high < other._high ? -1 : 1;
        }

        return _low != other._low ? (_low < other._low ? -1 : 1) : Length - other.Length;
    }

    /// <inheritdoc/>
    public static int KeyLength => 18;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte KeyByte(int position) => position switch
    {
        0 => (byte)Family,
        <= 8 => (byte)(_high >> (64 - (8 * position))),
        <= 16 => (byte)(_low >> (128 - (8 * position))),
        _ => Length,
    };

    /// <inheritdoc/>
    public bool Equals(Prefix other) => _high == other._high && _low == other._low && Length == other.Length && Family == other.Family;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Prefix other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _low, Length, Family);

    /// <summary>The prefix as <c>address/length</c>, also for a single address.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[MaxTextLength];
        return new string(text[..Format(text)]);
    }

    /// <summary>
    /// Writes what <see cref="ToString"/> returns, at most <see cref="MaxTextLength"/> characters; for IPv4 without allocating.
    /// </summary>
    /// <returns>How many characters were written.</returns>
    internal int Format(Span<char> text)
    {
        int written = 0;
        if (Family == Family.Inet)
        {
            FormatByte((byte)(_high >> 56), text, ref written);
            text[written++] = '.';
            FormatByte((byte)(_high >> 48), text, ref written);
            text[written++] = '.';
            FormatByte((byte)(_high >> 40), text, ref written);
            text[written++] = '.';
            FormatByte((byte)(_high >> 32), text, ref written);
        }
        else
        {
            Address.TryFormat(text, out written);
        }

        text[written++] = '/';
        FormatByte(Length, text, ref written);
        return written;
    }

    /// <summary>Equality.</summary>
    public static bool operator ==(Prefix left, Prefix right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(Prefix left, Prefix right) => !left.Equals(right);

    /// <summary>Order.</summary>
    public static bool operator <(Prefix left, Prefix right) => left.CompareTo(right) < 0;

    /// <summary>Order.</summary>
    public static bool operator >(Prefix left, Prefix right) => left.CompareTo(right) > 0;

    /// <summary>Order.</summary>
    public static bool operator <=(Prefix left, Prefix right) => left.CompareTo(right) <= 0;

    /// <summary>Order.</summary>
    public static bool operator >=(Prefix left, Prefix right) => left.CompareTo(right) >= 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FormatByte(byte value, Span<char> text, ref int written)
    {
        if (value >= 100)
        {
            text[written++] = (char)('0' + (value / 100));
        }

        if (value >= 10)
        {
            text[written++] = (char)('0' + (value / 10 % 10));
        }

        text[written++] = (char)('0' + (value % 10));
    }

    private static UInt128 Mask(int length) => length == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - length);
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// An IPv4 or IPv6 prefix, packed for bulk work: 24 bytes, no reference. The address is left-aligned in 128 bits: its first octet is the
/// most significant byte. As an entry it is one of a hash:net, without options.
/// </summary>
public readonly record struct IpsetPrefix : IIpsetEntry
{
    private readonly ulong _high;
    private readonly ulong _low;

    /// <summary>Makes a prefix. Host bits are kept; the kernel ignores them.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="bits">The address, left-aligned.</param>
    /// <param name="length">The prefix length in bits, 0 to 32 or 128; the hash types refuse 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is too large for the family, or there is no family.</exception>
    public IpsetPrefix(NetfilterFamily family, UInt128 bits, byte length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength(family));
        _high = (ulong)(bits >> 64);
        _low = (ulong)bits;
        Length = length;
        Family = family;
    }

    /// <summary>IPv4 or IPv6.</summary>
    public NetfilterFamily Family { get; }

    /// <summary>The prefix length in bits.</summary>
    public byte Length { get; }

    /// <summary>Whether the prefix holds one address.</summary>
    internal bool IsHost => Length == (Family == NetfilterFamily.Inet ? 32 : 128);

    /// <summary>The address, left-aligned.</summary>
    public UInt128 Bits => new(_high, _low);

    /// <summary>The address of an IPv4 prefix.</summary>
    internal uint Ipv4 => (uint)(_high >> 32);

    /// <summary>An IPv4 prefix.</summary>
    internal static IpsetPrefix FromIpv4(uint address, byte length) => new(NetfilterFamily.Inet, (UInt128)address << 96, length);

    /// <summary>The framework's network as a packed prefix.</summary>
    public static IpsetPrefix From(IPNetwork network) => From(network.BaseAddress, (byte)network.PrefixLength);

    /// <summary>An address and a prefix length as a packed prefix.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is too large for the family.</exception>
    public static IpsetPrefix From(IPAddress address, byte length)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        NetfilterFamily family = address.AddressFamily == AddressFamily.InterNetwork ? NetfilterFamily.Inet : NetfilterFamily.Inet6;
        return new IpsetPrefix(family, BinaryPrimitives.ReadUInt128BigEndian(bytes), length);
    }

    /// <inheritdoc/>
    public static int MaxEncodedLength => IpsetEntryCodec.MaxPrefixLength;

    /// <inheritdoc/>
    public void WriteTo(ref NetlinkMessageWriter writer) => IpsetEntryCodec.Write(ref writer, this);

    /// <inheritdoc/>
    public IpsetEntry ToEntry() => IpsetEntry.Net(this);

    /// <summary>The prefix as <c>address/length</c>.</summary>
    public override string ToString() => $"{ToAddress(Family, Bits)}/{Length}";

    /// <summary>Left-aligned bits as the framework's address.</summary>
    internal static IPAddress ToAddress(NetfilterFamily family, UInt128 bits)
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPAddress(bytes[..new IpsetPrefix(family, bits, 0).CopyAddress(bytes)]);
    }

    /// <summary>Writes the address in network byte order; 4 or 16 bytes, the number is returned.</summary>
    internal int CopyAddress(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, _high);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], _low);
        return Family == NetfilterFamily.Inet ? 4 : 16;
    }

    private static byte MaxLength(NetfilterFamily family) => family switch
    {
        NetfilterFamily.Inet => 32,
        NetfilterFamily.Inet6 => 128,
        _ => throw new ArgumentOutOfRangeException(nameof(family)),
    };
}

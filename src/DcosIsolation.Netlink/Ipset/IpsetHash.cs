using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// The kernel's hash of an entry, which says in which bucket of its table it is: jhash2 over the type's struct of an element (HKEY,
/// ip_set_hash_gen.h; include/linux/jhash.h). Nothing is wrong where a kernel hashes otherwise, only slower.
/// </summary>
internal static class IpsetHash
{
    // The longest element, that of hash:net,port,net and IPv6.
    private const int MaxKeyLength = 40;
    private const uint InitialValue = 0xdeadbeef;

    /// <summary>The hash of an entry of a hash type under the seed of its set.</summary>
    public static uint Of(in IpsetEntry entry, uint initVal) =>
        entry.Type == IpsetType.HashNet && entry.First.Family == NetfilterFamily.Inet && BitConverter.IsLittleEndian
            ? OfIpv4Net(entry.First, initVal)
            : OfAny(entry, initVal);

    // What nearly every large set is made of, without a detour through memory.
    private static uint OfIpv4Net(IpsetPrefix prefix, uint initVal)
    {
        uint address = prefix.Ipv4 & (uint)(ulong.MaxValue << (32 - prefix.Length));
        uint start = InitialValue + (2 << 2) + initVal;
        return Final(start + BinaryPrimitives.ReverseEndianness(address), start + ((uint)prefix.Length << 24), start);
    }

    private static uint OfAny(in IpsetEntry entry, uint initVal)
    {
        Span<byte> key = stackalloc byte[MaxKeyLength];
        key.Clear();
        return Jhash2(MemoryMarshal.Cast<byte, uint>(key[..WriteKey(entry, key)]), initVal);
    }

    // Addresses in network order, as the kernel stores them: without host bits, and with nomatch not yet set.
    private static int WriteKey(in IpsetEntry entry, Span<byte> key)
    {
        int length = WriteAddress(entry.First, key);
        switch (entry.Type)
        {
            case IpsetType.HashNet:
                // u16 padding0; u8 nomatch; u8 cidr
                key[length + 3] = entry.First.Length;
                return length + 4;
            case IpsetType.HashNetNet:
                // u8 nomatch; u8 padding; u8 cidr[2]; and with IPv4, whose two addresses are one __be64 as well, the padding behind that.
                length += WriteAddress(entry.Second, key[length..]);
                key[length + 2] = entry.First.Length;
                key[length + 3] = entry.Second.Length;
                return length + (entry.First.Family == NetfilterFamily.Inet ? 8 : 4);
            case IpsetType.HashNetPortNet:
                // __be16 port; u8 cidr[2]; u16 padding; u8 nomatch; u8 proto
                length += WriteAddress(entry.Second, key[length..]);
                BinaryPrimitives.WriteUInt16BigEndian(key[length..], entry.Port);
                key[length + 2] = entry.First.Length;
                key[length + 3] = entry.Second.Length;
                key[length + 7] = entry.Protocol;
                return length + 8;
            default:
                throw new ArgumentException($"a {entry.Type.Name()} has no hash table");
        }
    }

    private static int WriteAddress(IpsetPrefix prefix, Span<byte> key)
    {
        UInt128 bits = prefix.Length == 0 ? UInt128.Zero : prefix.Bits & (UInt128.MaxValue << (128 - prefix.Length));
        if (prefix.Family == NetfilterFamily.Inet)
        {
            BinaryPrimitives.WriteUInt32BigEndian(key, (uint)(bits >> 96));
            return sizeof(uint);
        }

        BinaryPrimitives.WriteUInt128BigEndian(key, bits);
        return 16;
    }

    /// <summary>Bob Jenkins' lookup3 over words in host order.</summary>
    internal static uint Jhash2(ReadOnlySpan<uint> key, uint initVal)
    {
        uint a, b, c;
        a = b = c = InitialValue + ((uint)key.Length << 2) + initVal;
        for (; key.Length > 3; key = key[3..])
        {
            a += key[0];
            b += key[1];
            c += key[2];
            Mix(ref a, ref b, ref c);
        }

        if (key.IsEmpty)
        {
            return c;
        }

        a += key[0];
        b += key.Length > 1 ? key[1] : 0;
        c += key.Length > 2 ? key[2] : 0;
        return Final(a, b, c);
    }

    private static void Mix(ref uint a, ref uint b, ref uint c)
    {
        a = (a - c) ^ BitOperations.RotateLeft(c, 4);
        c += b;
        b = (b - a) ^ BitOperations.RotateLeft(a, 6);
        a += c;
        c = (c - b) ^ BitOperations.RotateLeft(b, 8);
        b += a;
        a = (a - c) ^ BitOperations.RotateLeft(c, 16);
        c += b;
        b = (b - a) ^ BitOperations.RotateLeft(a, 19);
        a += c;
        c = (c - b) ^ BitOperations.RotateLeft(b, 4);
        b += a;
    }

    private static uint Final(uint a, uint b, uint c)
    {
        c = (c ^ b) - BitOperations.RotateLeft(b, 14);
        a = (a ^ c) - BitOperations.RotateLeft(c, 11);
        b = (b ^ a) - BitOperations.RotateLeft(a, 25);
        c = (c ^ b) - BitOperations.RotateLeft(b, 16);
        a = (a ^ c) - BitOperations.RotateLeft(c, 4);
        b = (b ^ a) - BitOperations.RotateLeft(a, 14);
        return (c ^ b) - BitOperations.RotateLeft(b, 24);
    }
}

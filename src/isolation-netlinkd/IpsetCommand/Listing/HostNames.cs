using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary><c>-resolve</c>: the C library's names of addresses. Every address is asked for, one after the other.</summary>
internal static partial class HostNames
{
    private const int NI_MAXHOST = 1025;
    private const ushort AF_INET = 2;
    private const ushort AF_INET6 = 10;

    /// <summary>Puts names for the addresses in an entry's key; an address without a name stays.</summary>
    /// <returns>The length of the key then.</returns>
    public static int Resolve(in IpsetEntry entry, Span<byte> text, int length)
    {
        ReadOnlySpan<byte> key = text[..length].ToArray();
        int comma = key.LastIndexOf((byte)',');
        int written = Replace(entry.First, comma < 0 ? key : key[..key.IndexOf((byte)',')], text);
        if (comma < 0)
        {
            return written;
        }

        ReadOnlySpan<byte> service = key[key.IndexOf((byte)',')..(comma + 1)];
        service.CopyTo(text[written..]);
        written += service.Length;
        return written + Replace(entry.Second, key[(comma + 1)..], text[written..]);
    }

    private static int Replace(IpsetPrefix prefix, ReadOnlySpan<byte> part, Span<byte> text)
    {
        int slash = part.IndexOf((byte)'/');
        ReadOnlySpan<byte> length = slash < 0 ? default : part[slash..];
        Span<byte> host = stackalloc byte[NI_MAXHOST];
        ReadOnlySpan<byte> name = Find(prefix, host) ? host[..host.IndexOf((byte)0)] : part[..^length.Length];
        int written = 0;

        // A dash would be read as a range.
        bool isEscaped = name.Contains((byte)'-');
        Append(isEscaped ? "["u8 : default, text, ref written);
        Append(name, text, ref written);
        Append(isEscaped ? "]"u8 : default, text, ref written);
        Append(length, text, ref written);
        return written;
    }

    private static void Append(ReadOnlySpan<byte> part, Span<byte> text, ref int written)
    {
        part.CopyTo(text[written..]);
        written += part.Length;
    }

    private static bool Find(IpsetPrefix prefix, Span<byte> host)
    {
        bool isIpv4 = prefix.Family == NetfilterFamily.Inet;
        Span<byte> address = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(address, prefix.Bits);

        // sockaddr_in and sockaddr_in6: the family, then the address at 4 or 8; port, flow and scope are 0.
        Span<byte> socket = stackalloc byte[28];
        socket.Clear();
        MemoryMarshal.Write(socket, isIpv4 ? AF_INET : AF_INET6);
        address[..(isIpv4 ? 4 : 16)].CopyTo(socket[(isIpv4 ? 4 : 8)..]);
        return getnameinfo(socket, isIpv4 ? 16u : 28u, host, (uint)host.Length, 0, 0, 0) == 0;
    }

    [LibraryImport("libc")]
    private static partial int getnameinfo(
        ReadOnlySpan<byte> address, uint addressLength, Span<byte> host, uint hostLength, nint service, uint serviceLength, int flags);
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>The names of hosts, protocols and services, from the same functions of libc that the ipset program asks.</summary>
internal static unsafe class NetworkNames
{
    /// <summary>A longer name of a protocol is none: the number is printed.</summary>
    public const int MaxProtocolName = 64;

    // Most answers fit; a larger buffer is tried until this one.
    private const int FirstBuffer = 1024;
    private const int LastBuffer = 1 << 20;

    private static readonly byte[]?[] s_protocolNames = new byte[256][];

    /// <summary>
    /// The first address of a host, left-aligned; IPv4 addresses, too, in the forms that inet_aton knows. May ask a DNS server.
    /// </summary>
    public static bool TryGetHost(ReadOnlySpan<byte> name, NetfilterFamily family, out UInt128 bits)
    {
        int length = family == NetfilterFamily.Inet6 ? 16 : 4;
        Span<byte> address = stackalloc byte[16];
        address.Clear();
        bool found = false;
        fixed (byte* text = Terminated(name))
        {
            for (int size = FirstBuffer; text is not null && size <= LastBuffer; size *= 4)
            {
                hostent host;
                hostent* result = null;
                int reason;
                int error;
                fixed (byte* buffer = new byte[size])
                {
                    int af = length == 16 ? AF_INET6 : AF_INET;
                    error = netdb_h.gethostbyname2_r(text, af, &host, buffer, (nuint)size, &result, &reason);
                    if (error == 0 && result is not null && result->h_length == length && result->h_addr_list[0] is not null)
                    {
                        new ReadOnlySpan<byte>(result->h_addr_list[0], length).CopyTo(address);
                        found = true;
                    }
                }

                if (error != ERANGE)
                {
                    break;
                }
            }
        }

        bits = BinaryPrimitives.ReadUInt128BigEndian(address);
        return found;
    }

    /// <summary>Reads an IPv6 address.</summary>
    public static bool TryParseIpv6(ReadOnlySpan<byte> text, out UInt128 bits)
    {
        const int Longest = 45;
        byte* terminated = stackalloc byte[Longest + 1];
        byte* address = stackalloc byte[16];
        bits = 0;
        if (text.Length > Longest || text.Contains((byte)0))
        {
            return false;
        }

        text.CopyTo(new Span<byte>(terminated, Longest));
        terminated[text.Length] = 0;
        if (netdb_h.inet_pton(AF_INET6, terminated, address) != 1)
        {
            return false;
        }

        bits = BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(address, 16));
        return true;
    }

    /// <summary>The port of a service, or null.</summary>
    public static ushort? GetPort(ReadOnlySpan<byte> service, ReadOnlySpan<byte> protocol)
    {
        fixed (byte* name = Terminated(service), proto = Terminated(protocol))
        {
            for (int size = FirstBuffer; name is not null && proto is not null && size <= LastBuffer; size *= 4)
            {
                servent entry;
                servent* result = null;
                fixed (byte* buffer = new byte[size])
                {
                    int error = netdb_h.getservbyname_r(name, proto, &entry, buffer, (nuint)size, &result);
                    if (error != ERANGE)
                    {
                        return error == 0 && result is not null
                            ? BinaryPrimitives.ReverseEndianness((ushort)result->s_port)
                            : null;
                    }
                }
            }
        }

        return null;
    }

    /// <summary>The number of a protocol, or null.</summary>
    public static int? GetProtocol(ReadOnlySpan<byte> protocol)
    {
        fixed (byte* name = Terminated(protocol))
        {
            for (int size = FirstBuffer; name is not null && size <= LastBuffer; size *= 4)
            {
                protoent entry;
                protoent* result = null;
                fixed (byte* buffer = new byte[size])
                {
                    int error = netdb_h.getprotobyname_r(name, &entry, buffer, (nuint)size, &result);
                    if (error != ERANGE)
                    {
                        return error == 0 && result is not null ? result->p_proto : null;
                    }
                }
            }
        }

        return null;
    }

    /// <summary>The name of a protocol; empty when it has none. Asked for once.</summary>
    public static ReadOnlySpan<byte> GetProtocolName(byte protocol) => s_protocolNames[protocol] ??= FindProtocolName(protocol);

    private static byte[] FindProtocolName(byte protocol)
    {
        for (int size = FirstBuffer; size <= LastBuffer; size *= 4)
        {
            protoent entry;
            protoent* result = null;
            fixed (byte* buffer = new byte[size])
            {
                int error = netdb_h.getprotobynumber_r(protocol, &entry, buffer, (nuint)size, &result);
                if (error != ERANGE)
                {
                    ReadOnlySpan<byte> name = error == 0 && result is not null
                        ? MemoryMarshal.CreateReadOnlySpanFromNullTerminated(result->p_name)
                        : default;
                    return name.Length <= MaxProtocolName ? name.ToArray() : [];
                }
            }
        }

        return [];
    }

    // Null for what C cannot tell from its beginning.
    private static byte[]? Terminated(ReadOnlySpan<byte> text) => text.Contains((byte)0) ? null : [.. text, 0];
}

namespace DcosIsolation.Netlink.Ipset;

/// <summary>Addresses as the ipset program, or rather glibc's inet_ntop, prints them.</summary>
internal static class IpsetAddressText
{
    /// <summary>Writes a prefix; a host without its length.</summary>
    public static void Append(ref Utf8Output output, in IpsetPrefix prefix)
    {
        if (prefix.Family == NetfilterFamily.Inet6)
        {
            AppendIpv6(ref output, prefix.Bits);
        }
        else
        {
            AppendIpv4(ref output, prefix.Ipv4);
        }

        if (!prefix.IsHost)
        {
            output.Append('/');
            output.Append(prefix.Length);
        }
    }

    private static void AppendIpv4(ref Utf8Output output, uint address)
    {
        Span<byte> text = stackalloc byte[16];
        int length = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            uint octet = (address >> shift) & 0xff;
            if (octet >= 100)
            {
                text[length++] = (byte)('0' + (octet / 100));
            }

            if (octet >= 10)
            {
                text[length++] = (byte)('0' + (octet / 10 % 10));
            }

            text[length++] = (byte)('0' + (octet % 10));
            text[length++] = (byte)'.';
        }

        output.Append(text[..(length - 1)]);
    }

    // The longest run of at least two groups of zeros, the first of equals, becomes "::". The last two groups are written as IPv4 where
    // the six or five before them are such a run from the beginning; five are followed by ffff.
    private static void AppendIpv6(ref Utf8Output output, UInt128 address)
    {
        (int start, int end) = LongestZeros(address);
        bool endsInIpv4 = start == 0 && (end == 6 || (end == 5 && Group(address, 5) == 0xffff));
        int groups = endsInIpv4 ? 6 : 8;
        for (int i = 0; i < groups; i++)
        {
            if (i == start)
            {
                output.Append("::"u8);
                i = end - 1;
                continue;
            }

            if (i != 0 && i != end)
            {
                output.Append(':');
            }

            output.AppendHex(Group(address, i));
        }

        if (endsInIpv4)
        {
            if (end != groups)
            {
                output.Append(':');
            }

            AppendIpv4(ref output, (uint)address);
        }
    }

    private static (int Start, int End) LongestZeros(UInt128 address)
    {
        (int Start, int End) longest = (-1, -1);
        for (int i = 0, zeros = 0; i < 8; i++)
        {
            zeros = Group(address, i) == 0 ? zeros + 1 : 0;
            if (zeros >= 2 && zeros > longest.End - longest.Start)
            {
                longest = (i + 1 - zeros, i + 1);
            }
        }

        return longest;
    }

    private static ushort Group(UInt128 address, int index) => (ushort)(address >> (112 - (16 * index)));
}

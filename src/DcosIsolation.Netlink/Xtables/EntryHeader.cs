using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>The head of a rule's bytes: struct ipt_entry or ip6t_entry. Every span is at least <see cref="Size"/> bytes long.</summary>
internal static unsafe class EntryHeader
{
    public static int Size(NetfilterFamily family) => IsIpv4(family) ? sizeof(ipt_entry) : sizeof(ip6t_entry);

    public static (int TargetOffset, int NextOffset) Offsets(NetfilterFamily family, ReadOnlySpan<byte> entry)
    {
        if (IsIpv4(family))
        {
            ref readonly ipt_entry v4 = ref MemoryMarshal.AsRef<ipt_entry>(entry);
            return (v4.target_offset, v4.next_offset);
        }

        ref readonly ip6t_entry v6 = ref MemoryMarshal.AsRef<ip6t_entry>(entry);
        return (v6.target_offset, v6.next_offset);
    }

    public static void SetOffsets(NetfilterFamily family, Span<byte> entry, int targetOffset, int nextOffset)
    {
        if (IsIpv4(family))
        {
            ref ipt_entry v4 = ref MemoryMarshal.AsRef<ipt_entry>(entry);
            (v4.target_offset, v4.next_offset) = ((ushort)targetOffset, (ushort)nextOffset);
        }
        else
        {
            ref ip6t_entry v6 = ref MemoryMarshal.AsRef<ip6t_entry>(entry);
            (v6.target_offset, v6.next_offset) = ((ushort)targetOffset, (ushort)nextOffset);
        }
    }

    /// <summary>Moves the target's offset and the end by a number of bytes.</summary>
    public static void MoveOffsets(NetfilterFamily family, Span<byte> entry, int by)
    {
        (int targetOffset, int nextOffset) = Offsets(family, entry);
        SetOffsets(family, entry, targetOffset + by, nextOffset + by);
    }

    public static XtablesCounters Counters(NetfilterFamily family, ReadOnlySpan<byte> entry)
    {
        xt_counters counters = IsIpv4(family)
            ? MemoryMarshal.AsRef<ipt_entry>(entry).counters
            : MemoryMarshal.AsRef<ip6t_entry>(entry).counters;
        return new(counters.pcnt, counters.bcnt);
    }

    public static void SetCounters(NetfilterFamily family, Span<byte> entry, XtablesCounters value)
    {
        ref xt_counters counters = ref IsIpv4(family)
            ? ref MemoryMarshal.AsRef<ipt_entry>(entry).counters
            : ref MemoryMarshal.AsRef<ip6t_entry>(entry).counters;
        counters.pcnt = value.Packets;
        counters.bcnt = value.Bytes;
    }

    /// <summary>A copy of an entry that begins with these counters (libiptc.c, TC_INSERT_ENTRY: COUNTER_MAP_SET).</summary>
    public static byte[] WithCounters(NetfilterFamily family, byte[] entry, XtablesCounters counters)
    {
        byte[] copy = [.. entry];
        SetCounters(family, copy, counters);
        return copy;
    }

    /// <summary>Whether an entry asks for the interface that a packet came in by, and for the one that it leaves by.</summary>
    public static (bool Incoming, bool Outgoing) AsksForInterfaces(NetfilterFamily family, ReadOnlySpan<byte> entry)
    {
        if (IsIpv4(family))
        {
            ref readonly ipt_ip v4 = ref MemoryMarshal.AsRef<ipt_entry>(entry).ip;
            return (v4.iniface_mask[0] != 0, v4.outiface_mask[0] != 0);
        }

        ref readonly ip6t_ip6 v6 = ref MemoryMarshal.AsRef<ip6t_entry>(entry).ipv6;
        return (v6.iniface_mask[0] != 0, v6.outiface_mask[0] != 0);
    }

    /// <summary>
    /// Clears what says nothing about what the rule does: counters, nfcache, and comefrom, in which the kernel leaves a mark of its own.
    /// </summary>
    public static void ClearState(NetfilterFamily family, Span<byte> entry)
    {
        SetCounters(family, entry, default);
        if (IsIpv4(family))
        {
            ref ipt_entry v4 = ref MemoryMarshal.AsRef<ipt_entry>(entry);
            v4.nfcache = 0;
            v4.comefrom = 0;
        }
        else
        {
            ref ip6t_entry v6 = ref MemoryMarshal.AsRef<ip6t_entry>(entry);
            v6.nfcache = 0;
            v6.comefrom = 0;
        }
    }

    /// <summary>Fills in a zeroed header.</summary>
    public static void Write(NetfilterFamily family, Span<byte> entry, XtablesRule rule, int targetOffset, int nextOffset)
    {
        if (IsIpv4(family))
        {
            ref ipt_entry v4 = ref MemoryMarshal.AsRef<ipt_entry>(entry);
            WritePrefix(rule.Source, Field(ref v4.ip.src[0], 4), Field(ref v4.ip.smsk[0], 4));
            WritePrefix(rule.Destination, Field(ref v4.ip.dst[0], 4), Field(ref v4.ip.dmsk[0], 4));
            v4.ip.proto = rule.Protocol;
            v4.target_offset = (ushort)targetOffset;
            v4.next_offset = (ushort)nextOffset;
        }
        else
        {
            ref ip6t_entry v6 = ref MemoryMarshal.AsRef<ip6t_entry>(entry);
            WritePrefix(rule.Source, Field(ref v6.ipv6.src[0], 16), Field(ref v6.ipv6.smsk[0], 16));
            WritePrefix(rule.Destination, Field(ref v6.ipv6.dst[0], 16), Field(ref v6.ipv6.dmsk[0], 16));
            v6.ipv6.proto = rule.Protocol;
            v6.ipv6.flags = (byte)(rule.Protocol == 0 ? 0 : ip6_tables.IP6T_F_PROTO);
            v6.target_offset = (ushort)targetOffset;
            v6.next_offset = (ushort)nextOffset;
        }
    }

    /// <summary>Reads the prefixes and the protocol; false if a mask has holes or an address has bits outside its mask.</summary>
    public static bool TryRead(
        NetfilterFamily family, ReadOnlySpan<byte> entry, out IPNetwork? source, out IPNetwork? destination, out byte protocol)
    {
        source = destination = null;
        protocol = 0;
        if (IsIpv4(family))
        {
            ipt_ip ip = MemoryMarshal.AsRef<ipt_entry>(entry).ip;
            protocol = (byte)ip.proto;
            return TryReadPrefix(new(ip.src, 4), new(ip.smsk, 4), out source)
                && TryReadPrefix(new(ip.dst, 4), new(ip.dmsk, 4), out destination);
        }

        ip6t_ip6 ipv6 = MemoryMarshal.AsRef<ip6t_entry>(entry).ipv6;
        protocol = (byte)ipv6.proto;
        return TryReadPrefix(new(ipv6.src, 16), new(ipv6.smsk, 16), out source)
            && TryReadPrefix(new(ipv6.dst, 16), new(ipv6.dmsk, 16), out destination);
    }

    private static bool IsIpv4(NetfilterFamily family) => family == NetfilterFamily.Inet;

    private static Span<byte> Field(ref byte first, int length) => MemoryMarshal.CreateSpan(ref first, length);

    private static void WritePrefix(IPNetwork? prefix, Span<byte> address, Span<byte> mask)
    {
        if (prefix is not { } network)
        {
            return;
        }

        AddressFamily expected = address.Length == 4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        if (network.BaseAddress.AddressFamily != expected)
        {
            throw new ArgumentException($"the prefix {network} is not of the family of the rule's table");
        }

        network.BaseAddress.TryWriteBytes(address, out _);
        for (int bit = 0; bit < network.PrefixLength; bit++)
        {
            mask[bit / 8] |= (byte)(0x80 >> bit % 8);
        }
    }

    private static bool TryReadPrefix(ReadOnlySpan<byte> address, ReadOnlySpan<byte> mask, out IPNetwork? prefix)
    {
        prefix = null;
        int length = 0;
        while (length < mask.Length * 8 && (mask[length / 8] & 0x80 >> length % 8) != 0)
        {
            length++;
        }

        for (int bit = length; bit < mask.Length * 8; bit++)
        {
            if (((mask[bit / 8] | address[bit / 8]) & 0x80 >> bit % 8) != 0)
            {
                return false;
            }
        }

        prefix = length == 0 ? null : new(new IPAddress(address), length);
        return true;
    }
}

using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The head of a rule that is being compiled, struct ipt_entry or ip6t_entry, in native memory, since extensions look into it. As in iptables
/// they see the protocol at once and the rest only in the end.
/// </summary>
internal sealed unsafe class RuleHeader(NetfilterFamily family)
{
    private const int InterfaceSize = 16;
    private readonly bool _isIpv4 = family == NetfilterFamily.Inet;

    public byte* Entry { get; } = (byte*)NativeMemory.AllocZeroed((nuint)EntryHeader.Size(family));

    public byte Goto => GotoFlag(family);

    public byte InvertFlags { get; set; }

    /// <summary>Flags that extensions don't see.</summary>
    public byte LateFlags { get; set; }

    public Span<byte> InInterface => Field(V4->iniface, V6->iniface);

    public Span<byte> OutInterface => Field(V4->outiface, V6->outiface);

    public Span<byte> InInterfaceMask => Field(V4->iniface_mask, V6->iniface_mask);

    public Span<byte> OutInterfaceMask => Field(V4->outiface_mask, V6->outiface_mask);

    private ipt_ip* V4 => &((ipt_entry*)Entry)->ip;

    private ip6t_ip6* V6 => &((ip6t_entry*)Entry)->ipv6;

    public static byte GotoFlag(NetfilterFamily family) =>
        (byte)(family == NetfilterFamily.Inet ? ip_tables.IPT_F_GOTO : ip6_tables.IP6T_F_GOTO);

    /// <summary>Makes it the head of a rule without conditions.</summary>
    public void Clear()
    {
        new Span<byte>(Entry, EntryHeader.Size(family)).Clear();
        InvertFlags = LateFlags = 0;
    }

    public void SetProtocol(ushort number)
    {
        if (_isIpv4)
        {
            V4->proto = number;
            V4->invflags = InvertFlags;
        }
        else
        {
            V6->proto = number;
            V6->invflags = InvertFlags;
            V6->flags |= ip6_tables.IP6T_F_PROTO;
        }
    }

    public void Complete()
    {
        if (_isIpv4)
        {
            V4->flags = LateFlags;
            V4->invflags = InvertFlags;
        }
        else
        {
            V6->flags |= LateFlags;
            V6->invflags = InvertFlags;
        }
    }

    public void Write(Span<byte> entry, int targetOffset, int nextOffset)
    {
        new ReadOnlySpan<byte>(Entry, EntryHeader.Size(family)).CopyTo(entry);
        EntryHeader.SetOffsets(family, entry, targetOffset, nextOffset);
        EntryHeader.ClearState(family, entry);
    }

    public static void SetAddresses(
        NetfilterFamily family, Span<byte> entry, in AddressList sources, int source, in AddressList destinations, int destination)
    {
        if (family == NetfilterFamily.Inet)
        {
            ref ipt_ip ip = ref MemoryMarshal.AsRef<ipt_entry>(entry).ip;
            sources.Copy(source, Bytes(ref ip.src[0], 4), Bytes(ref ip.smsk[0], 4));
            destinations.Copy(destination, Bytes(ref ip.dst[0], 4), Bytes(ref ip.dmsk[0], 4));
        }
        else
        {
            ref ip6t_ip6 ip = ref MemoryMarshal.AsRef<ip6t_entry>(entry).ipv6;
            sources.Copy(source, Bytes(ref ip.src[0], 16), Bytes(ref ip.smsk[0], 16));
            destinations.Copy(destination, Bytes(ref ip.dst[0], 16), Bytes(ref ip.dmsk[0], 16));
        }

        static Span<byte> Bytes(ref byte first, int length) => MemoryMarshal.CreateSpan(ref first, length);
    }

    private Span<byte> Field(byte* ipv4, byte* ipv6) => new(_isIpv4 ? ipv4 : ipv6, InterfaceSize);
}

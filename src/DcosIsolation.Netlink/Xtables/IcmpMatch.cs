using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The match <c>icmp</c> (struct ipt_icmp) in an IPv4 rule and <c>icmp6</c> (struct ip6t_icmp) in an IPv6 one. The rule needs protocol 1 or
/// 58 respectively.
/// </summary>
/// <param name="Type">The ICMP type. In IPv4, 255 matches every type.</param>
/// <param name="Code">The code, or null for every code.</param>
public sealed record IcmpMatch(byte Type, byte? Code = null) : XtablesMatch
{
    internal override unsafe Extension Extension(NetfilterFamily family) =>
        family == NetfilterFamily.Inet ? new("icmp", 0, sizeof(ipt_icmp)) : new("icmp6", 0, sizeof(ip6t_icmp));

    internal override unsafe void Write(Span<byte> data)
    {
        // ipt_icmp and ip6t_icmp are the same four bytes.
        ref ipt_icmp info = ref MemoryMarshal.AsRef<ipt_icmp>(data);
        info.type = Type;
        info.code[0] = Code ?? 0;
        info.code[1] = Code ?? byte.MaxValue;
    }

    internal static unsafe IcmpMatch? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < Unsafe.SizeOf<ipt_icmp>())
        {
            return null;
        }

        ipt_icmp info = MemoryMarshal.Read<ipt_icmp>(data);
        return new(info.type, info.code[0] == 0 && info.code[1] == byte.MaxValue ? null : info.code[0]);
    }

    /// <summary>The match as iptables-save prints it for IPv4.</summary>
    public override string ToString() => $"-m icmp --icmp-type {Type}{(Code is { } code ? $"/{code}" : "")}";
}

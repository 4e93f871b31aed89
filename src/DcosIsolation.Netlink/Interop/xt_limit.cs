using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter/xt_limit.h.</summary>
internal static class xt_limit
{
    public const int XT_LIMIT_SCALE = 10000;
}

/// <summary><see cref="avg"/> and <see cref="burst"/> are the user's; the rest is the kernel's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xt_rateinfo
{
    public uint avg;
    public uint burst;
    public nuint prev;
    public uint credit;
    public uint credit_cap;
    public uint cost;
    public nuint master;
}

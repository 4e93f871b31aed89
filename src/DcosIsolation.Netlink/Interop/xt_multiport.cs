using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter/xt_multiport.h.</summary>
internal static class xt_multiport
{
    public const int XT_MULTIPORT_SOURCE = 0;
    public const int XT_MULTIPORT_DESTINATION = 1;
    public const int XT_MULTIPORT_EITHER = 2;
    public const int XT_MULTI_PORTS = 15;
}

/// <summary>Ports are in the host's byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xt_multiport_v1
{
    public byte flags;
    public byte count;
    public fixed ushort ports[xt_multiport.XT_MULTI_PORTS];
    public fixed byte pflags[xt_multiport.XT_MULTI_PORTS];
    public byte invert;
}

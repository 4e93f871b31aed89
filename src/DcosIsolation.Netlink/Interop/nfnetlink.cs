using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>linux/netfilter/nfnetlink.h: what follows nlmsghdr in every netfilter message. res_id is big-endian.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct nfgenmsg
{
    public byte nfgen_family;
    public byte version;
    public ushort res_id;
}

/// <summary>linux/netfilter/nfnetlink.h.</summary>
internal static class NfnetlinkConstants
{
    public const byte NFNETLINK_V0 = 0;
    public const byte NFNL_SUBSYS_IPSET = 6;
}

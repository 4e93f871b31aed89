using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xt_nflog_info
{
    /// <summary>The size of <see cref="prefix"/>, for which the header has no name.</summary>
    internal static int PrefixSize => 64;

    public uint len;
    public ushort group;
    public ushort threshold;
    public ushort flags;
    public ushort pad;
    public fixed byte prefix[64];
}

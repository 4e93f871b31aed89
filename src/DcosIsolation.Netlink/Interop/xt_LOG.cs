using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xt_log_info
{
    /// <summary>The size of <see cref="prefix"/>, for which the header has no name.</summary>
    internal static int PrefixSize => 30;

    public byte level;
    public byte logflags;
    public fixed byte prefix[30];
}

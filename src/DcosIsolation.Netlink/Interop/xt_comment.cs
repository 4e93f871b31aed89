using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter/xt_comment.h.</summary>
internal static class xt_comment
{
    public const int XT_MAX_COMMENT_LEN = 256;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xt_comment_info
{
    public fixed byte comment[xt_comment.XT_MAX_COMMENT_LEN];
}

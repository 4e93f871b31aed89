using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of linux/netfilter/x_tables.h.</summary>
internal static class x_tables
{
    public const int XT_FUNCTION_MAXNAMELEN = 30;
    public const int XT_EXTENSION_MAXNAMELEN = 29;
    public const int XT_TABLE_MAXNAMELEN = 32;

    /// <summary>
    /// XT_ALIGN: every match and target starts at a multiple of the alignment of struct _xt_align, which is that of __u64.
    /// </summary>
    public static int XtAlign(int size) => (size + sizeof(ulong) - 1) & -sizeof(ulong);
}

[StructLayout(LayoutKind.Sequential)]
internal struct xt_counters
{
    public ulong pcnt;
    public ulong bcnt;
}

/// <summary>The header of a match; the fields are those of the union member <c>u.user</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xt_entry_match
{
    public ushort u_user_match_size;
    public fixed byte u_user_name[x_tables.XT_EXTENSION_MAXNAMELEN];
    public byte u_user_revision;
}

/// <summary>The header of a target; the fields are those of the union member <c>u.user</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xt_entry_target
{
    public ushort u_user_target_size;
    public fixed byte u_user_name[x_tables.XT_EXTENSION_MAXNAMELEN];
    public byte u_user_revision;
}

[StructLayout(LayoutKind.Sequential)]
internal struct xt_standard_target
{
    public xt_entry_target target;
    public int verdict;

    // In C the trailing padding comes from xt_entry_target, whose union holds a pointer.
    private readonly uint _pad;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xt_get_revision
{
    public fixed byte name[x_tables.XT_EXTENSION_MAXNAMELEN];
    public byte revision;
}

using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>Constants of xtables.h, the header of libxtables.</summary>
internal static class xtables
{
    public const int XTF_DONT_LOAD = 0;
    public const int XTF_TRY_LOAD = 2;
    public const int XTF_LOAD_MUST_SUCCEED = 3;
    public const int XTABLES_EXT_ALIAS = 1;

    /// <summary>How far the values of one extension's options lie from the next's.</summary>
    public const int XT_OPTION_OFFSET_SCALE = 256;
    public const int NFPROTO_IPV4 = 2;
    public const int NFPROTO_IPV6 = 10;
}

/// <summary>A match extension. Its name may be one that people use, its real name the kernel's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xtables_match
{
    public byte* version;
    public xtables_match* next;
    public byte* name;
    public byte* real_name;
    public byte revision;
    public byte ext_flags;
    public ushort family;
    public nuint size;
    public nuint userspacesize;
    public void* help;
    public void* init;
    public void* parse;
    public void* final_check;
    public void* print;
    public void* save;
    public void* alias;
    public void* extra_opts;
    public void* x6_parse;
    public void* x6_fcheck;
    public void* x6_options;
    public void* xlate;
    public nuint udata_size;
    public void* udata;
    public uint option_offset;
    public xt_entry_match* m;
    public uint mflags;
    public uint loaded;
}

/// <summary>A target extension.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xtables_target
{
    public byte* version;
    public xtables_target* next;
    public byte* name;
    public byte* real_name;
    public byte revision;
    public byte ext_flags;
    public ushort family;
    public nuint size;
    public nuint userspacesize;
    public void* help;
    public void* init;
    public void* parse;
    public void* final_check;
    public void* print;
    public void* save;
    public void* alias;
    public void* extra_opts;
    public void* x6_parse;
    public void* x6_fcheck;
    public void* x6_options;
    public void* xlate;
    public nuint udata_size;
    public void* udata;
    public uint option_offset;
    public xt_entry_target* t;
    public uint tflags;
    public uint used;
    public uint loaded;
}

/// <summary>A rule's matches in order; those that a later match of the same name follows take no more options.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xtables_rule_match
{
    public xtables_rule_match* next;
    public xtables_match* match;
    public byte completed;
}

/// <summary>A protocol's name, as libxtables and iptables-save know it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct xtables_pprot
{
    public byte* name;
    public byte num;
}

/// <summary>struct option of getopt.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct option
{
    public byte* name;
    public int has_arg;
    public int* flag;
    public int val;
}

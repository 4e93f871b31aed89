using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>
/// The functions of libip4tc or libip6tc: the same but for the prefix of their names and the entry struct that they take.
/// Each leaves its reason in errno when it fails, so callers clear errno before and read it right after.
/// </summary>
internal sealed unsafe class Libiptc
{
    private static readonly Lazy<Libiptc> s_ipv4 = new(() => new("libip4tc.so.2", "iptc_"), LazyThreadSafetyMode.PublicationOnly);
    private static readonly Lazy<Libiptc> s_ipv6 = new(() => new("libip6tc.so.2", "ip6tc_"), LazyThreadSafetyMode.PublicationOnly);

    public readonly delegate* unmanaged<byte*, nint> init;
    public readonly delegate* unmanaged<nint, void> free;
    public readonly delegate* unmanaged<nint, byte*> first_chain;
    public readonly delegate* unmanaged<nint, byte*> next_chain;
    public readonly delegate* unmanaged<byte*, nint, int> is_chain;
    public readonly delegate* unmanaged<byte*, nint, int> builtin;
    public readonly delegate* unmanaged<byte*, nint, void*> first_rule;
    public readonly delegate* unmanaged<void*, nint, void*> next_rule;
    public readonly delegate* unmanaged<void*, nint, byte*> get_target;
    public readonly delegate* unmanaged<byte*, xt_counters*, nint, byte*> get_policy;
    public readonly delegate* unmanaged<byte*, byte*, xt_counters*, nint, int> set_policy;
    public readonly delegate* unmanaged<uint*, byte*, nint, int> get_references;
    public readonly delegate* unmanaged<byte*, nint, int> create_chain;
    public readonly delegate* unmanaged<byte*, nint, int> flush_entries;
    public readonly delegate* unmanaged<byte*, nint, int> delete_chain;
    public readonly delegate* unmanaged<byte*, byte*, nint, int> rename_chain;
    public readonly delegate* unmanaged<byte*, nint, int> zero_entries;
    public readonly delegate* unmanaged<byte*, uint, nint, int> zero_counter;
    public readonly delegate* unmanaged<byte*, uint, xt_counters*, nint, int> set_counter;
    public readonly delegate* unmanaged<byte*, void*, nint, int> append_entry;
    public readonly delegate* unmanaged<byte*, void*, uint, nint, int> insert_entry;
    public readonly delegate* unmanaged<byte*, void*, uint, nint, int> replace_entry;
    public readonly delegate* unmanaged<byte*, void*, byte*, nint, int> check_entry;
    public readonly delegate* unmanaged<byte*, void*, byte*, nint, int> delete_entry;
    public readonly delegate* unmanaged<byte*, uint, nint, int> delete_num_entry;
    public readonly delegate* unmanaged<nint, int> commit;

    private Libiptc(string library, string prefix)
    {
        nint handle = NativeLibrary.Load(library);
        init = (delegate* unmanaged<byte*, nint>)Find("init");
        free = (delegate* unmanaged<nint, void>)Find("free");
        first_chain = (delegate* unmanaged<nint, byte*>)Find("first_chain");
        next_chain = (delegate* unmanaged<nint, byte*>)Find("next_chain");
        is_chain = (delegate* unmanaged<byte*, nint, int>)Find("is_chain");
        builtin = (delegate* unmanaged<byte*, nint, int>)Find("builtin");
        first_rule = (delegate* unmanaged<byte*, nint, void*>)Find("first_rule");
        next_rule = (delegate* unmanaged<void*, nint, void*>)Find("next_rule");
        get_target = (delegate* unmanaged<void*, nint, byte*>)Find("get_target");
        get_policy = (delegate* unmanaged<byte*, xt_counters*, nint, byte*>)Find("get_policy");
        set_policy = (delegate* unmanaged<byte*, byte*, xt_counters*, nint, int>)Find("set_policy");
        get_references = (delegate* unmanaged<uint*, byte*, nint, int>)Find("get_references");
        create_chain = (delegate* unmanaged<byte*, nint, int>)Find("create_chain");
        flush_entries = (delegate* unmanaged<byte*, nint, int>)Find("flush_entries");
        delete_chain = (delegate* unmanaged<byte*, nint, int>)Find("delete_chain");
        rename_chain = (delegate* unmanaged<byte*, byte*, nint, int>)Find("rename_chain");
        zero_entries = (delegate* unmanaged<byte*, nint, int>)Find("zero_entries");
        zero_counter = (delegate* unmanaged<byte*, uint, nint, int>)Find("zero_counter");
        set_counter = (delegate* unmanaged<byte*, uint, xt_counters*, nint, int>)Find("set_counter");
        append_entry = (delegate* unmanaged<byte*, void*, nint, int>)Find("append_entry");
        insert_entry = (delegate* unmanaged<byte*, void*, uint, nint, int>)Find("insert_entry");
        replace_entry = (delegate* unmanaged<byte*, void*, uint, nint, int>)Find("replace_entry");
        check_entry = (delegate* unmanaged<byte*, void*, byte*, nint, int>)Find("check_entry");
        delete_entry = (delegate* unmanaged<byte*, void*, byte*, nint, int>)Find("delete_entry");
        delete_num_entry = (delegate* unmanaged<byte*, uint, nint, int>)Find("delete_num_entry");
        commit = (delegate* unmanaged<nint, int>)Find("commit");

        void* Find(string name) => NativeLibrary.TryGetExport(handle, prefix + name, out nint function)
            ? (void*)function
            : throw new EntryPointNotFoundException(prefix + name);
    }

    /// <summary>libip4tc.</summary>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    /// <exception cref="EntryPointNotFoundException">The library lacks a function; the message is its name.</exception>
    public static Libiptc Ipv4 => s_ipv4.Value;

    /// <summary>libip6tc.</summary>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    /// <exception cref="EntryPointNotFoundException">The library lacks a function; the message is its name.</exception>
    public static Libiptc Ipv6 => s_ipv6.Value;
}

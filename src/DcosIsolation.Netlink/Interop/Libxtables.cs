using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>
/// The functions of libxtables, all but the first group to be called through <see cref="Guard"/>, and its variables.
/// </summary>
internal sealed unsafe class Libxtables
{
    public readonly delegate* unmanaged<void*, byte, int> init_all;
    public readonly delegate* unmanaged<void> fini;
    public readonly delegate* unmanaged<void*, int> set_params;
    public readonly delegate* unmanaged<int, void> free_opts;
    public readonly delegate* unmanaged<xtables_rule_match**, void> rule_matches_free;

    public readonly void* find_match;
    public readonly void* find_target;
    public readonly void* find_match_revision;
    public readonly void* find_target_revision;
    public readonly void* options_xfrm;
    public readonly void* merge_options;
    public readonly void* option_mpcall;
    public readonly void* option_tpcall;
    public readonly void* option_mfcall;
    public readonly void* option_tfcall;
    public readonly void* parse_protocol;
    public readonly void* ipparse_multiple;
    public readonly void* ip6parse_multiple;

    public readonly xtables_match** matches;
    public readonly xtables_target** targets;
    public readonly xtables_match** pending_matches;
    public readonly xtables_target** pending_targets;
    public readonly xtables_pprot* chain_protos;

    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    /// <exception cref="EntryPointNotFoundException">The library lacks something; the message is its name.</exception>
    public Libxtables()
    {
        nint handle = NativeLibrary.Load("libxtables.so.12");
        init_all = (delegate* unmanaged<void*, byte, int>)Find("init_all");
        fini = (delegate* unmanaged<void>)Find("fini");
        set_params = (delegate* unmanaged<void*, int>)Find("set_params");
        free_opts = (delegate* unmanaged<int, void>)Find("free_opts");
        rule_matches_free = (delegate* unmanaged<xtables_rule_match**, void>)Find("rule_matches_free");
        find_match = Find("find_match");
        find_target = Find("find_target");
        find_match_revision = Find("find_match_revision");
        find_target_revision = Find("find_target_revision");
        options_xfrm = Find("options_xfrm");
        merge_options = Find("merge_options");
        option_mpcall = Find("option_mpcall");
        option_tpcall = Find("option_tpcall");
        option_mfcall = Find("option_mfcall");
        option_tfcall = Find("option_tfcall");
        parse_protocol = Find("parse_protocol");
        ipparse_multiple = Find("ipparse_multiple");
        ip6parse_multiple = Find("ip6parse_multiple");
        matches = (xtables_match**)Find("matches");
        targets = (xtables_target**)Find("targets");
        pending_matches = (xtables_match**)Find("pending_matches");
        pending_targets = (xtables_target**)Find("pending_targets");
        chain_protos = (xtables_pprot*)Find("chain_protos");

        void* Find(string name) => NativeLibrary.TryGetExport(handle, "xtables_" + name, out nint address)
            ? (void*)address
            : throw new EntryPointNotFoundException("xtables_" + name);
    }
}

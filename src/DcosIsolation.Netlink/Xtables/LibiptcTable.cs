using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>A rule's bytes as the kernel returned them, and what libiptc calls its target.</summary>
internal readonly record struct RawRule(byte[] Entry, string Target);

/// <summary>
/// libiptc's copy of a table, whose functions it makes methods with errors as exceptions. All but <see cref="Commit"/> change only the
/// copy; a copy is good for one commit. Not safe for use by several threads at once.
/// </summary>
internal sealed unsafe partial class LibiptcTable : IDisposable
{
    /// <summary>
    /// TC_CREATE_CHAIN keeps the new chain in a static variable, so that two threads with a handle each get in each other's way.
    /// </summary>
    private static readonly Lock s_createChain = new();

    private readonly Libiptc _libiptc;
    private readonly XtcHandle _handle;

    private LibiptcTable(NetfilterFamily family, string table, Libiptc libiptc, nint handle)
    {
        Family = family;
        Table = table;
        _libiptc = libiptc;
        _handle = new(libiptc, handle);
    }

    public NetfilterFamily Family { get; }

    public string Table { get; }

    private nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, typeof(XtablesTable));
            return _handle.DangerousGetHandle();
        }
    }

    public static LibiptcTable Open(NetfilterFamily family, string table)
    {
        XtablesErrors.CheckFamily(family);
        Libiptc libiptc = Load(family);
        nint handle = Init(libiptc, table, out int error);
        if (handle == 0 && error == ENOPROTOOPT)
        {
            KernelModule.RequestTable(family, table);
            handle = Init(libiptc, table, out error);
        }

        // The first to ask for a table in a namespace makes it; of two at the same time one finds it there (x_tables.c, xt_register_table).
        if (handle == 0 && error == EEXIST)
        {
            handle = Init(libiptc, table, out error);
        }

        return handle != 0 ? new(family, table, libiptc, handle) : throw XtablesErrors.Open(family, table, error);
    }

    public List<string> Chains()
    {
        var chains = new List<string>();
        for (byte* name = _libiptc.first_chain(Handle); name != null; name = _libiptc.next_chain(Handle))
        {
            chains.Add(ToString(name));
        }

        return chains;
    }

    public bool HasChain(string chain)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            return _libiptc.is_chain(name, Handle) != 0;
        }
    }

    public bool IsBuiltin(string chain)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            return _libiptc.builtin(name, Handle) != 0;
        }
    }

    /// <summary>The first rule of a chain in the copy, as the kernel has it; null if there is none.</summary>
    public void* FirstRule(string chain)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            return _libiptc.first_rule(name, Handle);
        }
    }

    /// <summary>The rule behind another in the chain that was begun last; null if there is none.</summary>
    public void* NextRule(void* rule) => _libiptc.next_rule(rule, Handle);

    /// <summary>What a rule in the copy has for its target: a verdict, a chain, a target's name or the empty string.</summary>
    public ReadOnlySpan<byte> TargetOf(void* rule) =>
        MemoryMarshal.CreateReadOnlySpanFromNullTerminated(_libiptc.get_target(rule, Handle));

    /// <summary>The positions in a chain, from 0, of the rules that jump or go to another.</summary>
    public List<int> JumpsTo(string chain, string target)
    {
        byte[] wanted = ChainName.ToBytes(target);
        var positions = new List<int>();
        int position = 0;
        for (void* rule = FirstRule(chain); rule != null; rule = NextRule(rule))
        {
            if (TargetOf(rule).SequenceEqual(wanted.AsSpan(0, wanted.Length - 1)) && IsStandard(rule))
            {
                positions.Add(position);
            }

            position++;
        }

        return positions;
    }

    /// <summary>Whether a rule in the copy has the kernel's standard target, which has no name there.</summary>
    public bool IsStandard(void* rule)
    {
        (int targetOffset, _) = EntryHeader.Offsets(Family, new(rule, EntryHeader.Size(Family)));
        return ((xt_entry_target*)((byte*)rule + targetOffset))->u_user_name[0] == 0;
    }

    public List<RawRule> Rules(string chain)
    {
        if (!HasChain(chain))
        {
            throw XtablesErrors.NoChain(Family, Table, chain);
        }

        var rules = new List<RawRule>();
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            for (void* entry = _libiptc.first_rule(name, Handle); entry != null; entry = _libiptc.next_rule(entry, Handle))
            {
                (_, int size) = EntryHeader.Offsets(Family, new(entry, EntryHeader.Size(Family)));
                rules.Add(new(new ReadOnlySpan<byte>(entry, size).ToArray(), ToString(_libiptc.get_target(entry, Handle))));
            }
        }

        return rules;
    }

    /// <summary>What becomes of packets at the end of a built-in chain; null for another chain.</summary>
    public XtablesPolicy? Policy(string chain)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            xt_counters counters;
            byte* policy = _libiptc.get_policy(name, &counters, Handle);
            return policy == null ? null : new(ToString(policy), new(counters.pcnt, counters.bcnt));
        }
    }

    /// <summary>Whether another copy has the same chains, policies and rules, whatever was counted.</summary>
    public bool HasSameRules(LibiptcTable other)
    {
        List<string> chains = Chains();
        if (!chains.SequenceEqual(other.Chains()))
        {
            return false;
        }

        foreach (string chain in chains)
        {
            List<RawRule> rules = Rules(chain);
            List<RawRule> others = other.Rules(chain);
            if (rules.Count != others.Count || Policy(chain)?.Target != other.Policy(chain)?.Target)
            {
                return false;
            }

            for (int i = 0; i < rules.Count; i++)
            {
                if (!Normalize(rules[i]).AsSpan().SequenceEqual(Normalize(others[i])))
                {
                    return false;
                }
            }
        }

        return true;

        byte[] Normalize(RawRule rule) => EntryCodec.Normalize(Family, rule.Entry, rule.Target);
    }

    /// <summary>How many rules of the table jump or go to a chain.</summary>
    public int References(string chain)
    {
        uint count;
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.get_references(&count, name, Handle);
            Check(done, Marshal.GetLastSystemError(), "read chain", chain);
        }

        return (int)count;
    }

    /// <summary>Puts the copy in force; 0 or the errno.</summary>
    public int Commit()
    {
        KeepPolicyCounters();
        Marshal.SetLastSystemError(0);
        int done = _libiptc.commit(Handle);
        int error = Marshal.GetLastSystemError();
        if (done != 0)
        {
            NetfilterMetrics.Committed();
            return 0;
        }

        return error != 0 ? error : EIO;
    }

    public void Dispose() => _handle.Dispose();

    private static nint Init(Libiptc libiptc, string table, out int error)
    {
        fixed (byte* name = ChainName.ToBytes(table))
        {
            Marshal.SetLastSystemError(0);
            nint handle = libiptc.init(name);
            error = Marshal.GetLastSystemError();
            return handle;
        }
    }

    private static Libiptc Load(NetfilterFamily family)
    {
        try
        {
            return family == NetfilterFamily.Inet ? Libiptc.Ipv4 : Libiptc.Ipv6;
        }
        catch (DllNotFoundException e)
        {
            throw XtablesErrors.MissingLibrary(family, $"lib{(family == NetfilterFamily.Inet ? "ip4tc" : "ip6tc")}.so.2 is missing", e);
        }
        catch (EntryPointNotFoundException e)
        {
            throw XtablesErrors.MissingLibrary(family, $"the installed libiptc lacks {e.Message}", e);
        }
    }

    /// <summary>
    /// At each commit libiptc zeroes the counters of every policy (libiptc.c, __iptcc_p_del_policy: COUNTER_MAP_ZEROED) that is not set
    /// anew. What passes between reading the table and committing it goes uncounted.
    /// </summary>
    private void KeepPolicyCounters()
    {
        foreach (string chain in Chains())
        {
            if (Policy(chain) is { } policy)
            {
                // Fails for a policy other than ACCEPT and DROP, which the kernel doesn't take either, and then leaves it alone.
                _ = TrySetPolicy(chain, policy, out _);
            }
        }
    }

    private static string ToString(byte* name) => ChainName.FromBytes(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));

    private void Check(int done, int error, string operation, string chain, int? rule = null)
    {
        if (done == 0)
        {
            throw Failure(error, operation, chain, rule);
        }
    }

    private XtablesException Failure(int error, string operation, string chain, int? rule = null) =>
        XtablesErrors.Edit(Family, Table, operation, chain, rule, error);
}

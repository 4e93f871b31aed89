using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <content>The functions that change the copy.</content>
internal sealed unsafe partial class LibiptcTable
{
    private (string Name, byte[] Bytes) _lastChain = ("", [0]);

    public void CreateChain(string chain)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            lock (s_createChain)
            {
                Marshal.SetLastSystemError(0);
                int done = _libiptc.create_chain(name, Handle);
                Check(done, Marshal.GetLastSystemError(), "create chain", chain);
            }
        }
    }

    public void FlushChain(string chain)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.flush_entries(name, Handle);
            Check(done, Marshal.GetLastSystemError(), "flush chain", chain);
        }
    }

    public void RenameChain(string chain, string newName)
    {
        fixed (byte* name = ChainName.ToBytes(chain), renamed = ChainName.ToBytes(newName))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.rename_chain(name, renamed, Handle);
            Check(done, Marshal.GetLastSystemError(), "rename chain", chain);
        }
    }

    /// <summary>Counts a chain's rules from 0 again, and its policy if it is built in.</summary>
    public void ZeroChain(string chain)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.zero_entries(name, Handle);
            Check(done, Marshal.GetLastSystemError(), "zero chain", chain);
        }

        // Which the commit would otherwise keep.
        if (Policy(chain) is { } policy)
        {
            _ = TrySetPolicy(chain, policy with { Counters = default }, out _);
        }
    }

    public void SetPolicy(string chain, XtablesPolicy policy)
    {
        bool isSet = TrySetPolicy(chain, policy, out int error);
        Check(isSet ? 1 : 0, error, "set policy", chain);
    }

    public void DeleteChain(string chain)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.delete_chain(name, Handle);
            Check(done, Marshal.GetLastSystemError(), "delete chain", chain);
        }
    }

    /// <summary>Adds a rule, with the counters in its entry, at the end of a chain.</summary>
    public void Append(string chain, ReadOnlySpan<byte> entry)
    {
        fixed (byte* name = NameOf(chain))
        fixed (byte* bytes = entry)
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.append_entry(name, bytes, Handle);
            Check(done, Marshal.GetLastSystemError(), "append rule", chain);
        }
    }

    /// <summary>
    /// Inserts a rule, with the counters in its entry, before the one that is now at <paramref name="index"/>, counted from 0.
    /// </summary>
    public void Insert(string chain, int index, ReadOnlySpan<byte> entry)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        fixed (byte* bytes = entry)
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.insert_entry(name, bytes, (uint)index, Handle);
            Check(done, Marshal.GetLastSystemError(), "insert rule", chain, index);
        }
    }

    public void Replace(string chain, int index, ReadOnlySpan<byte> entry)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        fixed (byte* bytes = entry)
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.replace_entry(name, bytes, (uint)index, Handle);
            Check(done, Marshal.GetLastSystemError(), "replace rule", chain, index);
        }
    }

    /// <summary>Whether a chain has a rule like this one: see <see cref="MaskOf"/>.</summary>
    public bool Contains(string chain, XtablesEntry entry)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        fixed (byte* bytes = entry.Array, mask = MaskOf(entry))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.check_entry(name, bytes, mask, Handle);
            int error = Marshal.GetLastSystemError();
            return done != 0 || (error == ENOENT && HasChain(chain) ? false : throw Failure(error, "check rule", chain));
        }
    }

    /// <summary>Deletes the first rule of a chain that is like this one, if there is any.</summary>
    public bool Delete(string chain, XtablesEntry entry)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        fixed (byte* bytes = entry.Array, mask = MaskOf(entry))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.delete_entry(name, bytes, mask, Handle);
            int error = Marshal.GetLastSystemError();
            return done != 0 || (error == ENOENT && HasChain(chain) ? false : throw Failure(error, "delete rule", chain));
        }
    }

    public void Delete(string chain, int index)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.delete_num_entry(name, (uint)index, Handle);
            Check(done, Marshal.GetLastSystemError(), "delete rule", chain, index);
        }
    }

    /// <summary>Counts a rule from 0 again. A rule that the copy alone has keeps the counters that it was given.</summary>
    public void ZeroRule(string chain, int index)
    {
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            // Here and for set_counter, libiptc counts from 1.
            Marshal.SetLastSystemError(0);
            int done = _libiptc.zero_counter(name, (uint)index + 1, Handle);
            Check(done, Marshal.GetLastSystemError(), "zero rule", chain, index);
        }
    }

    public void SetCounters(string chain, int index, XtablesCounters counters)
    {
        xt_counters native = new() { pcnt = counters.Packets, bcnt = counters.Bytes };
        fixed (byte* name = ChainName.ToBytes(chain))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.set_counter(name, (uint)index + 1, &native, Handle);
            Check(done, Marshal.GetLastSystemError(), "set counters", chain, index);
        }
    }

    /// <summary>
    /// Whether an entry's target is what the entry takes it for. libiptc goes by the name alone: it takes that of a missing chain for a
    /// module's, and that of a chain for the chain's.
    /// </summary>
    public bool HasTarget(XtablesEntry entry)
    {
        (int target, _) = EntryHeader.Offsets(Family, entry.Array);
        fixed (byte* bytes = entry.Array)
        {
            byte* name = ((xt_entry_target*)(bytes + target))->u_user_name;
            bool isChain = _libiptc.is_chain(name, Handle) != 0;
            return entry.IsStandard ? isChain ? _libiptc.builtin(name, Handle) == 0 : IsVerdict(name) : !isChain;
        }

        static bool IsVerdict(byte* name) =>
            MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name) is var text
            && (text.IsEmpty || text.SequenceEqual("ACCEPT"u8) || text.SequenceEqual("DROP"u8) || text.SequenceEqual("QUEUE"u8)
                || text.SequenceEqual("RETURN"u8));
    }

    /// <summary>The bytes of a chain's name, for many rules of one chain in a row.</summary>
    private byte[] NameOf(string chain)
    {
        if (_lastChain.Name != chain)
        {
            _lastChain = (chain, ChainName.ToBytes(chain));
        }

        return _lastChain.Bytes;
    }

    private bool TrySetPolicy(string chain, XtablesPolicy policy, out int error)
    {
        xt_counters counters = new() { pcnt = policy.Counters.Packets, bcnt = policy.Counters.Bytes };
        fixed (byte* name = ChainName.ToBytes(chain), target = ChainName.ToBytes(policy.Target))
        {
            Marshal.SetLastSystemError(0);
            int done = _libiptc.set_policy(name, target, &counters, Handle);
            error = Marshal.GetLastSystemError();
            return done != 0;
        }
    }

    /// <summary>
    /// libiptc compares the header in full, and of each extension the size, the name and the bytes under a mask that is laid out as the
    /// entry is (libiptc.c, match_different, target_same).
    /// </summary>
    private static byte[] MaskOf(XtablesEntry entry)
    {
        if (entry.CompareMask is { } mask)
        {
            return mask;
        }

        byte[] all = new byte[entry.Array.Length];
        Array.Fill(all, byte.MaxValue);
        return all;
    }
}

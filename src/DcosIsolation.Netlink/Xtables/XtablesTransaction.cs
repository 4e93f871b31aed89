using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Writes one chain of the table <c>filter</c> and the jump to it, or single rules of any table, and nothing else: each call reads the
/// table, changes what must change, and commits once, so that a packet sees all of it or none. All other rules, chains and policies stay
/// byte for byte and keep their counters; so do rules of the chain that stay. IPv4 and IPv6 are two tables and so two calls. Safe for any
/// number of threads with a lock each; it is the calling thread's network namespace that is written.
/// </summary>
public static class XtablesTransaction
{
    private const string Table = "filter";
    private const int Attempts = 10;

    /// <summary>
    /// Makes <paramref name="chain"/> hold just <paramref name="rules"/> and <paramref name="jump"/> the first rule of
    /// <paramref name="parent"/>. The chain is created if it is missing; any other jump to it is removed from the parent.
    /// </summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="heldLock">The xtables lock, held.</param>
    /// <param name="chain">The chain, owned whole: 1 to 28 bytes of printable ASCII.</param>
    /// <param name="parent">The chain that jumps to it, such as FORWARD; it must exist.</param>
    /// <param name="jump">
    /// The rule that jumps: its target is a jump to <paramref name="chain"/>. It takes along the counters of the
    /// jump that it moves or replaces.
    /// </param>
    /// <param name="rules">The rules, in order, and the counters of those that are new.</param>
    /// <returns>Whether anything had to be written.</returns>
    /// <exception cref="XtablesException">
    /// The table cannot be read, the parent or a chain that a rule jumps to is missing, the kernel refused the rules, or somebody else kept
    /// changing the table without the lock. The table is as it was.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// A rule cannot be of this family or is malformed, a chain's name cannot be one, or the jump jumps elsewhere.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The lock was given up already.</exception>
    public static bool ReplaceChain(
        NetfilterFamily family, XtablesLock heldLock, string chain, string parent, XtablesRule jump, IReadOnlyList<CountedRule> rules) =>
        ReplaceChain(family, heldLock, chain, parent, jump, rules, out _, beforeCommit: null);

    /// <summary>The same, and tells what was there before, as <see cref="TakeSnapshot"/> does, without reading the table once more.</summary>
    /// <inheritdoc cref="ReplaceChain(NetfilterFamily, XtablesLock, string, string, XtablesRule, IReadOnlyList{CountedRule})"/>
    public static bool ReplaceChain(
        NetfilterFamily family,
        XtablesLock heldLock,
        string chain,
        string parent,
        XtablesRule jump,
        IReadOnlyList<CountedRule> rules,
        out XtablesSnapshot before) => ReplaceChain(family, heldLock, chain, parent, jump, rules, out before, beforeCommit: null);

    /// <summary>Removes a chain, its rules, and the jumps to it from <paramref name="parent"/>.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="heldLock">The xtables lock, held.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="parent">The chain that jumps to it; it may be missing.</param>
    /// <returns>Whether there was anything to remove.</returns>
    /// <exception cref="XtablesException">
    /// Somebody else's rule in another chain jumps to it: the message names that rule. Or as for replacing. The table is as it was.
    /// </exception>
    /// <exception cref="ArgumentException">A chain's name cannot be one.</exception>
    /// <exception cref="ObjectDisposedException">The lock was given up already.</exception>
    public static bool RemoveChain(NetfilterFamily family, XtablesLock heldLock, string chain, string parent)
    {
        ChainName.Check(chain);
        ChainName.Check(parent);
        return Run(family, heldLock, Table, table => Remove(table, chain, parent), rules: [], beforeCommit: null);
    }

    /// <summary>Reads a chain and the jumps to it from one parent, so that <see cref="Restore"/> can put them back.</summary>
    /// <exception cref="XtablesException">The table cannot be read.</exception>
    /// <exception cref="ArgumentException">A chain's name cannot be one.</exception>
    /// <exception cref="ObjectDisposedException">The lock was given up already.</exception>
    public static XtablesSnapshot TakeSnapshot(NetfilterFamily family, XtablesLock heldLock, string chain, string parent)
    {
        ArgumentNullException.ThrowIfNull(heldLock);
        ChainName.Check(chain);
        ChainName.Check(parent);
        heldLock.ThrowIfNotHeld();
        using LibiptcTable table = LibiptcTable.Open(family, Table);
        return Snapshot(table, chain, parent);
    }

    /// <summary>
    /// Puts a chain and the jumps to it back, byte for byte, whoever wrote them. Rules that are in force as they were keep the counters that
    /// they have; the others begin with those of the snapshot.
    /// </summary>
    /// <param name="snapshot">What <see cref="TakeSnapshot"/> read under the same lock.</param>
    /// <param name="heldLock">The xtables lock, held.</param>
    /// <returns>Whether anything had to be written.</returns>
    /// <exception cref="XtablesException">As for replacing. The table is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The lock was given up already.</exception>
    public static bool Restore(XtablesSnapshot snapshot, XtablesLock heldLock)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return Run(snapshot.Family, heldLock, Table, Edit, rules: [], beforeCommit: null);

        bool Edit(LibiptcTable table)
        {
            if (snapshot.Rules is not { } rules)
            {
                return Remove(table, snapshot.Chain, snapshot.Parent);
            }

            bool changed = !table.HasChain(snapshot.Chain);
            if (changed)
            {
                table.CreateChain(snapshot.Chain);
            }

            changed |= ReplaceRules(
                table, snapshot.Chain, [.. rules.Select(rule => rule.Entry)], [.. rules.Select(rule => rule.Counters)]);
            return changed | PlaceJumps(table, snapshot);
        }
    }

    /// <summary>The same, and calls <paramref name="beforeCommit"/> before each commit.</summary>
    internal static bool ReplaceChain(
        NetfilterFamily family,
        XtablesLock heldLock,
        string chain,
        string parent,
        XtablesRule jump,
        IReadOnlyList<CountedRule> rules,
        out XtablesSnapshot before,
        Action? beforeCommit)
    {
        ArgumentNullException.ThrowIfNull(jump);
        ArgumentNullException.ThrowIfNull(rules);
        XtablesErrors.CheckFamily(family);
        ChainName.Check(chain);
        ChainName.Check(parent);
        if (jump.Target is not JumpTarget target || target.Chain != chain || chain == parent)
        {
            throw new ArgumentException($"the jump to {chain} in {parent} is '{jump}'", nameof(jump));
        }

        XtablesEntry jumpEntry = XtablesEntry.From(family, jump);
        XtablesEntry[] entries = [.. rules.Select(rule => rule.Entry(family))];
        XtablesEntry[] all = [jumpEntry, .. entries];
        XtablesSnapshot? found = null;
        XtablesSnapshot? replaced = null;
        bool isChanged = Run(family, heldLock, Table, Edit, all, () =>
        {
            // Later the edit may be tried on what has been committed.
            replaced = found;
            beforeCommit?.Invoke();
        });
        before = replaced ?? found!;
        return isChanged;

        bool Edit(LibiptcTable table)
        {
            found = Snapshot(table, chain, parent);
            CheckChains(table, chain, parent, all);
            bool changed = !table.HasChain(chain);
            if (changed)
            {
                table.CreateChain(chain);
            }

            changed |= ReplaceRules(table, chain, entries, [.. rules.Select(rule => rule.InitialCounters)]);
            changed |= PlaceJump(table, chain, parent, jumpEntry.Array);
            return changed;
        }
    }

    /// <summary>
    /// Makes rules the first of a chain, in any table, in one commit; every other rule stays, with its counters. If the chain begins with
    /// them already, nothing is written.
    /// </summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="heldLock">The xtables lock, held.</param>
    /// <param name="table">The table, such as <c>raw</c>. The kernel makes it, empty, if this namespace has none yet.</param>
    /// <param name="chain">The chain, such as PREROUTING; it must exist.</param>
    /// <param name="rules">The rules, in order; none jumps to a chain.</param>
    /// <returns>Whether anything had to be written.</returns>
    /// <exception cref="XtablesException">
    /// The table cannot be read, the chain is missing, the kernel refused the rules, or somebody else kept changing the table without the
    /// lock. The table is as it was.
    /// </exception>
    /// <exception cref="ArgumentException">A rule cannot be of this family, is malformed, or jumps to a chain.</exception>
    /// <exception cref="ObjectDisposedException">The lock was given up already.</exception>
    public static bool InsertRules(
        NetfilterFamily family, XtablesLock heldLock, string table, string chain, IReadOnlyList<XtablesRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentException.ThrowIfNullOrEmpty(table);
        ChainName.Check(chain);
        XtablesEntry[] entries = [.. rules.Select(rule => XtablesEntry.From(family, rule))];
        if (Array.Find(entries, entry => entry.JumpsTo is not null) is { } jump)
        {
            throw new ArgumentException($"the rule '{jump}' jumps to a chain", nameof(rules));
        }

        return Run(family, heldLock, table, Edit, entries, beforeCommit: null);

        bool Edit(LibiptcTable copy)
        {
            CheckTargets(copy, chain, entries);
            List<RawRule> present = copy.Rules(chain);
            if (present.Count >= entries.Length && !entries.Where((entry, i) => !IsSame(entry, present[i])).Any())
            {
                return false;
            }

            for (int i = 0; i < entries.Length; i++)
            {
                copy.Insert(chain, i, entries[i].Array);
            }

            return true;
        }

        bool IsSame(XtablesEntry entry, RawRule raw) =>
            EntryCodec.Normalize(family, raw.Entry, raw.Target).AsSpan().SequenceEqual(entry.Array);
    }

    /// <summary>Removes rules of a chain, in any table, in one commit; every other rule stays, with its counters.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="heldLock">The xtables lock, held.</param>
    /// <param name="table">The table, such as <c>raw</c>. The kernel makes it, empty, if this namespace has none yet.</param>
    /// <param name="chain">The chain, such as PREROUTING; it must exist.</param>
    /// <param name="isWanted">Which rules to remove; may be asked several times about one.</param>
    /// <returns>The rules that were removed, in order, with the counters that they had shortly before.</returns>
    /// <exception cref="XtablesException">
    /// The table cannot be read, the chain is missing, or somebody else kept changing the table without the lock. The table is as it was.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The lock was given up already.</exception>
    public static IReadOnlyList<XtablesTableRule> RemoveRules(
        NetfilterFamily family, XtablesLock heldLock, string table, string chain, Func<XtablesTableRule, bool> isWanted)
    {
        ArgumentNullException.ThrowIfNull(isWanted);
        ArgumentException.ThrowIfNullOrEmpty(table);
        ChainName.Check(chain);
        List<XtablesTableRule> found = [];
        List<XtablesTableRule> removed = [];

        // Whether the removal is in force is asked by removing again, which then finds none.
        return Run(family, heldLock, table, Edit, rules: [], beforeCommit: () => removed = found) ? removed : [];

        bool Edit(LibiptcTable copy)
        {
            found = [];
            List<RawRule> rules = copy.Rules(chain);
            for (int i = rules.Count - 1; i >= 0; i--)
            {
                var rule = new XtablesTableRule(family, rules[i]);
                if (isWanted(rule))
                {
                    copy.Delete(chain, i);
                    found.Insert(0, rule);
                }
            }

            return found.Count > 0;
        }
    }

    /// <summary>
    /// Reads, edits and commits, again from the start while the number of rules differs from what was read: EAGAIN (x_tables.c,
    /// xt_replace_table), which takes somebody who writes without the lock. A handle is never committed twice.
    /// </summary>
    private static bool Run(
        NetfilterFamily family,
        XtablesLock heldLock,
        string table,
        Func<LibiptcTable, bool> edit,
        IReadOnlyList<XtablesEntry> rules,
        Action? beforeCommit)
    {
        ArgumentNullException.ThrowIfNull(heldLock);
        for (int attempt = 1; ; attempt++)
        {
            heldLock.ThrowIfNotHeld();
            int error;
            using (LibiptcTable copy = LibiptcTable.Open(family, table))
            {
                if (!edit(copy))
                {
                    return false;
                }

                beforeCommit?.Invoke();
                error = copy.Commit();
            }

            if (error == 0 || (error != EAGAIN && IsInForce(family, table, edit)))
            {
                return true;
            }

            if (error != EAGAIN || attempt == Attempts)
            {
                throw XtablesErrors.Commit(family, table, error, MissingKernelSupport.Find(family, rules, error));
            }

            Thread.Sleep(attempt * 5);
        }
    }

    /// <summary>
    /// A commit replaces the table and then adds the counters back; where only the second fails, the table is in force and counters are
    /// lost (libiptc.c, TC_COMMIT). What counts is the table.
    /// </summary>
    private static bool IsInForce(NetfilterFamily family, string table, Func<LibiptcTable, bool> edit)
    {
        try
        {
            using LibiptcTable copy = LibiptcTable.Open(family, table);
            return !edit(copy);
        }
        catch (XtablesException)
        {
            // The commit's own error is the one to tell.
            return false;
        }
    }

    private static void CheckChains(LibiptcTable table, string chain, string parent, IEnumerable<XtablesEntry> rules)
    {
        if (!table.HasChain(parent))
        {
            throw XtablesErrors.NoChain(table.Family, table.Table, parent);
        }

        if (table.IsBuiltin(chain))
        {
            throw new ArgumentException($"{chain} is built in and cannot be owned", nameof(chain));
        }

        CheckTargets(table, chain, rules);
    }

    private static void CheckTargets(LibiptcTable table, string chain, IEnumerable<XtablesEntry> rules)
    {
        foreach ((string name, bool isJump) in rules.Select(rule => (rule.TargetName, rule.JumpsTo is not null)).Distinct())
        {
            // libiptc takes the name of a target that is no chain for a module's, and the other way round.
            bool isChain = name.Length > 0 && (name == chain || table.HasChain(name));
            if (isJump ? !isChain || table.IsBuiltin(name) : isChain)
            {
                throw XtablesErrors.WrongTarget(table, "write", chain, name, isJump);
            }
        }
    }

    private static bool ReplaceRules(LibiptcTable table, string chain, XtablesEntry[] entries, XtablesCounters[] counters)
    {
        List<byte[]> present = table.Rules(chain).ConvertAll(raw => EntryCodec.Normalize(table.Family, raw.Entry, raw.Target));
        List<(XtablesEntry Entry, byte[] Mask)> masked =
            [.. entries.Where(entry => entry.UserSizes is not null).Select(entry => (entry, entry.CompareMask!))];
        for (int i = 0; i < present.Count; i++)
        {
            present[i] = masked.Find(wanted => wanted.Entry.IsMatchedBy(present[i], wanted.Mask)).Entry?.Comparable ?? present[i];
        }

        int[] staying = RuleDiff.Match(present, [.. entries.Select(entry => entry.Comparable)]);
        HashSet<int> kept = [.. staying];
        bool changed = false;
        for (int i = present.Count - 1; i >= 0; i--)
        {
            if (!kept.Contains(i))
            {
                table.Delete(chain, i);
                changed = true;
            }
        }

        for (int i = 0; i < entries.Length; i++)
        {
            if (staying[i] < 0)
            {
                table.Insert(chain, i, EntryHeader.WithCounters(table.Family, entries[i].Array, counters[i]));
                changed = true;
            }
        }

        return changed;
    }

    private static bool PlaceJump(LibiptcTable table, string chain, string parent, byte[] jump)
    {
        List<int> jumps = table.JumpsTo(parent, chain);
        List<XtablesTableRule> rules =
            jumps.Count == 0 ? [] : table.Rules(parent).ConvertAll(raw => new XtablesTableRule(table.Family, raw));
        int same = jumps.FindIndex(i => rules[i].Normalized.AsSpan().SequenceEqual(jump)) is var at and >= 0 ? jumps[at] : -1;
        bool inPlace = same == 0;
        int before = same >= 0 ? same : jumps.Count > 0 ? jumps[0] : -1;
        XtablesCounters counters = before >= 0 ? rules[before].Counters : default;
        for (int i = jumps.Count - 1; i >= (inPlace ? 1 : 0); i--)
        {
            table.Delete(parent, jumps[i]);
        }

        if (!inPlace)
        {
            table.Insert(parent, 0, EntryHeader.WithCounters(table.Family, jump, counters));
        }

        return !inPlace || jumps.Count > 1;
    }

    private static bool PlaceJumps(LibiptcTable table, XtablesSnapshot snapshot)
    {
        List<XtablesTableRule> rules = table.Rules(snapshot.Parent).ConvertAll(raw => new XtablesTableRule(table.Family, raw));
        List<int> jumps = table.JumpsTo(snapshot.Parent, snapshot.Chain);
        if (jumps.SequenceEqual(snapshot.Jumps.Select(jump => jump.Position))
            && snapshot.Jumps.All(jump => rules[jump.Position].Normalized.AsSpan().SequenceEqual(jump.Rule.Normalized)))
        {
            return false;
        }

        for (int i = jumps.Count - 1; i >= 0; i--)
        {
            table.Delete(snapshot.Parent, jumps[i]);
        }

        int others = rules.Count - jumps.Count;
        for (int i = 0; i < snapshot.Jumps.Count; i++)
        {
            // Someone may have taken rules away since: then as near as can be.
            (int position, XtablesTableRule rule) = snapshot.Jumps[i];
            table.Insert(snapshot.Parent, Math.Min(position, others + i), EntryHeader.WithCounters(table.Family, rule.Normalized, rule.Counters));
        }

        return true;
    }

    private static bool Remove(LibiptcTable table, string chain, string parent)
    {
        if (!table.HasChain(chain))
        {
            return false;
        }

        table.FlushChain(chain);
        if (table.HasChain(parent))
        {
            List<int> jumps = table.JumpsTo(parent, chain);
            for (int i = jumps.Count - 1; i >= 0; i--)
            {
                table.Delete(parent, jumps[i]);
            }
        }

        if (table.References(chain) > 0)
        {
            throw ForeignReference(table, chain);
        }

        table.DeleteChain(chain);
        return true;
    }

    private static XtablesException ForeignReference(LibiptcTable table, string chain)
    {
        foreach (string other in table.Chains())
        {
            if (table.JumpsTo(other, chain) is [var index, ..])
            {
                return XtablesErrors.Referenced(table, chain, other, index);
            }
        }

        return XtablesErrors.Edit(table.Family, table.Table, "delete chain", chain, null, EMLINK);
    }

    private static XtablesSnapshot Snapshot(LibiptcTable table, string chain, string parent)
    {
        List<int> jumps = table.HasChain(parent) ? table.JumpsTo(parent, chain) : [];
        List<RawRule> inParent = jumps.Count == 0 ? [] : table.Rules(parent);
        return new XtablesSnapshot(
            table.Family,
            chain,
            parent,
            table.HasChain(chain) ? table.Rules(chain).ConvertAll(raw => new XtablesTableRule(table.Family, raw)) : null,
            [.. jumps.Select(position => (position, new XtablesTableRule(table.Family, inParent[position])))]);
    }
}

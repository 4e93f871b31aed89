using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Any changes to one table, put in force as one: each method changes a copy of the table, <see cref="Commit"/> writes it. Rules and chains
/// that are left alone keep their counters, and so do policies that are not set. It is of the network namespace of the thread that opens it.
/// Names of chains have a character for each byte (Latin-1). Not safe for use by several threads at once.
/// </summary>
public sealed class XtablesTableEditor : IDisposable
{
    private readonly LibiptcTable _table;
    private readonly XtablesLock _heldLock;
    private byte[] _bytes = [];
    private bool _isChanged;
    private bool _isCommitted;

    private XtablesTableEditor(LibiptcTable table, XtablesLock heldLock)
    {
        _table = table;
        _heldLock = heldLock;
    }

    /// <summary>IPv4 or IPv6.</summary>
    public NetfilterFamily Family => _table.Family;

    /// <summary>The table's name.</summary>
    public string Name => _table.Table;

    /// <summary>The names of the chains: built-in ones first, then the others by name.</summary>
    public IReadOnlyList<string> Chains => _table.Chains();

    private LibiptcTable Changing
    {
        get
        {
            if (_isCommitted)
            {
                throw new InvalidOperationException($"the copy of the table {Name} was committed; open another");
            }

            _isChanged = true;
            return _table;
        }
    }

    /// <summary>Reads a table, to change it.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="table">The table, such as <c>filter</c>. The kernel makes it, empty, if this namespace has none yet.</param>
    /// <param name="heldLock">The xtables lock, held until after <see cref="Commit"/>.</param>
    /// <exception cref="XtablesException">
    /// CAP_NET_ADMIN or CAP_NET_RAW is lacking, or the kernel has no such table or no legacy xtables, or libiptc is not installed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The lock was given up already.</exception>
    public static XtablesTableEditor Open(NetfilterFamily family, string table, XtablesLock heldLock)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        ArgumentNullException.ThrowIfNull(heldLock);
        heldLock.ThrowIfNotHeld();
        return new(LibiptcTable.Open(family, table), heldLock);
    }

    /// <summary>Whether there is a chain of that name.</summary>
    public bool HasChain(string chain) => _table.HasChain(chain);

    /// <summary>Whether a chain is the kernel's own, such as FORWARD; false also if there is none.</summary>
    public bool IsBuiltin(string chain) => _table.IsBuiltin(chain);

    /// <summary>Makes a chain without rules.</summary>
    /// <exception cref="XtablesException">There is one already, or the name is a verdict's or too long.</exception>
    public void CreateChain(string chain)
    {
        CheckName(chain, "create chain");
        Changing.CreateChain(chain);
    }

    /// <summary>Gives a chain another name; what jumps to it goes on doing so.</summary>
    /// <exception cref="XtablesException">
    /// There is no such chain, it is built in, or there is one of the new name, or that is a verdict's or too long.
    /// </exception>
    public void RenameChain(string chain, string newName)
    {
        CheckName(newName, "rename chain");
        Changing.RenameChain(chain, newName);
    }

    /// <summary>Takes away a chain that has no rules and that none jumps to.</summary>
    /// <exception cref="XtablesException">It has rules, or one jumps to it, or it is built in, or there is none.</exception>
    public void DeleteChain(string chain) => Changing.DeleteChain(chain);

    /// <summary>Takes away a chain's rules.</summary>
    /// <exception cref="XtablesException">There is no such chain.</exception>
    public void FlushChain(string chain) => Changing.FlushChain(chain);

    /// <summary>Takes away all rules and all chains that are not built in. Policies stay.</summary>
    public void Clear()
    {
        LibiptcTable table = Changing;
        List<string> chains = table.Chains();
        foreach (string chain in chains)
        {
            table.FlushChain(chain);
        }

        foreach (string chain in chains)
        {
            if (!table.IsBuiltin(chain))
            {
                table.DeleteChain(chain);
            }
        }
    }

    /// <summary>Sets what becomes of packets at the end of a built-in chain, and what is counted of them so far.</summary>
    /// <exception cref="XtablesException">The chain is not built in, or the policy is none.</exception>
    public void SetPolicy(string chain, XtablesPolicy policy) => Changing.SetPolicy(chain, policy);

    /// <summary>Has a chain's rules count from 0, and its policy if it is built in.</summary>
    /// <exception cref="XtablesException">There is no such chain.</exception>
    public void ZeroChain(string chain) => Changing.ZeroChain(chain);

    /// <summary>Has a rule count from 0. One that was added since <see cref="Open"/> keeps the counters that it was given.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="index">The rule's position, from 0.</param>
    /// <exception cref="XtablesException">There is no such chain or rule.</exception>
    public void ZeroRule(string chain, int index) => Changing.ZeroRule(chain, index);

    /// <summary>Sets what a rule has counted.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="index">The rule's position, from 0.</param>
    /// <param name="counters">The counters.</param>
    /// <exception cref="XtablesException">There is no such chain or rule.</exception>
    public void SetCounters(string chain, int index, XtablesCounters counters) => Changing.SetCounters(chain, index, counters);

    /// <summary>Adds a rule at the end of a chain.</summary>
    /// <exception cref="XtablesException">
    /// There is no such chain, or the rule jumps to a chain that is missing or built in, or it asks for an interface that no packet has there.
    /// </exception>
    /// <exception cref="ArgumentException">The rule is not of the table's family, or is malformed.</exception>
    public void Append(string chain, CountedRule rule) => Changing.Append(chain, Bytes(chain, rule));

    /// <summary>Adds a rule before another.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="index">The position that it takes, from 0.</param>
    /// <param name="rule">The rule.</param>
    /// <exception cref="XtablesException">As <see cref="Append"/>, or the chain has fewer rules.</exception>
    /// <exception cref="ArgumentException">As <see cref="Append"/>.</exception>
    public void Insert(string chain, int index, CountedRule rule) => Changing.Insert(chain, index, Bytes(chain, rule));

    /// <summary>Puts a rule into another's place.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="index">The other's position, from 0.</param>
    /// <param name="rule">The rule.</param>
    /// <exception cref="XtablesException">As <see cref="Append"/>, or the chain has fewer rules.</exception>
    /// <exception cref="ArgumentException">As <see cref="Append"/>.</exception>
    public void Replace(string chain, int index, CountedRule rule) => Changing.Replace(chain, index, Bytes(chain, rule));

    /// <summary>Takes away a rule by its position, from 0.</summary>
    /// <exception cref="XtablesException">There is no such chain or rule.</exception>
    public void Delete(string chain, int index) => Changing.Delete(chain, index);

    /// <summary>
    /// Takes away the first rule that says the same. What an extension keeps for itself in a rule is left out of the comparison if the rule
    /// was made from text; otherwise all of it counts.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="XtablesException">There is no such chain, or one that the rule jumps to.</exception>
    /// <exception cref="ArgumentException">The rule is not of the table's family.</exception>
    public bool Delete(string chain, XtablesEntry rule)
    {
        CheckTarget(chain, rule, "delete");
        return Changing.Delete(chain, rule);
    }

    /// <summary>Whether a chain has a rule that says the same, compared as for <see cref="Delete(string, XtablesEntry)"/>.</summary>
    /// <exception cref="XtablesException">There is no such chain, or one that the rule jumps to.</exception>
    /// <exception cref="ArgumentException">The rule is not of the table's family.</exception>
    public bool Contains(string chain, XtablesEntry rule)
    {
        CheckTarget(chain, rule, "check");
        return _table.Contains(chain, rule);
    }

    /// <summary>Makes this copy hold what another one does: chains, rules, policies, and their counters.</summary>
    /// <param name="original">The table as it was once read.</param>
    /// <exception cref="ArgumentException">It is another table.</exception>
    public void CopyFrom(XtablesTable original)
    {
        ArgumentNullException.ThrowIfNull(original);
        if (original.Family != Family || original.Name != Name)
        {
            throw new ArgumentException($"the original is the {XtablesErrors.Name(original.Family)} table {original.Name}", nameof(original));
        }

        Clear();
        foreach (string chain in original.Chains)
        {
            if (original.Policy(chain) is { } policy)
            {
                Changing.SetPolicy(chain, policy);
            }
            else
            {
                Changing.CreateChain(chain);
            }
        }

        foreach (string chain in original.Chains)
        {
            foreach (XtablesTableRule rule in original.Rules(chain))
            {
                Changing.Append(chain, EntryHeader.WithCounters(Family, rule.Normalized, rule.Counters));
            }
        }
    }

    /// <summary>Writes the table, if it was changed. No further change can be made.</summary>
    /// <exception cref="XtablesException">
    /// The kernel refused it, or somebody who does not hold the lock changed the table meanwhile (<see cref="XtablesException.CanRetry"/>).
    /// The table is as it was.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The lock was given up already.</exception>
    public void Commit()
    {
        if (!_isChanged)
        {
            return;
        }

        _heldLock.ThrowIfNotHeld();
        LibiptcTable table = Changing;
        _isCommitted = true;
        int error = table.Commit();
        if (error != 0 && (error == EAGAIN || !IsInForce()))
        {
            throw XtablesErrors.Commit(Family, Name, error, MissingKernelSupport.Find(Family, Rules(), error));
        }
    }

    /// <summary>Frees the copy. What was not committed is lost.</summary>
    public void Dispose() => _table.Dispose();

    /// <summary>libiptc itself takes one byte more, and then no rule can jump there.</summary>
    private void CheckName(string chain, string operation)
    {
        if (chain.Length is 0 or > ChainName.MaxLength)
        {
            throw XtablesErrors.Edit(Family, Name, operation, chain, null, EINVAL);
        }
    }

    /// <summary>The bytes of a rule with its counters, valid until the next one's.</summary>
    private ReadOnlySpan<byte> Bytes(string chain, CountedRule rule)
    {
        XtablesEntry entry = rule.Entry(Family);
        CheckTarget(chain, entry, "write");
        CheckInterfaces(chain, entry);
        if (_bytes.Length < entry.Array.Length)
        {
            _bytes = new byte[entry.Array.Length * 2];
        }

        Span<byte> bytes = _bytes.AsSpan(0, entry.Array.Length);
        entry.Array.CopyTo(bytes);
        EntryHeader.SetCounters(Family, bytes, rule.InitialCounters);
        return bytes;
    }

    private void CheckTarget(string chain, XtablesEntry entry, string verb)
    {
        if (entry.Family != Family)
        {
            throw new ArgumentException($"the rule '{entry}' is not of the family of the table", nameof(entry));
        }

        if (!_table.HasTarget(entry))
        {
            throw XtablesErrors.WrongTarget(_table, verb, chain, entry.TargetName, entry.IsStandard);
        }
    }

    /// <summary>The kernel takes such a rule, and no packet ever matches it.</summary>
    private void CheckInterfaces(string chain, XtablesEntry entry)
    {
        (bool incoming, bool outgoing) = EntryHeader.AsksForInterfaces(Family, entry.Array);
        if (incoming && (chain is "OUTPUT" or "POSTROUTING"))
        {
            throw XtablesErrors.NoInterface(_table, chain, "an incoming interface (-i)");
        }

        if (outgoing && (chain is "INPUT" or "PREROUTING"))
        {
            throw XtablesErrors.NoInterface(_table, chain, "an outgoing interface (-o)");
        }
    }

    private List<XtablesEntry> Rules()
    {
        var rules = new List<XtablesEntry>();
        foreach (string chain in _table.Chains())
        {
            foreach (RawRule raw in _table.Rules(chain))
            {
                rules.Add(new XtablesTableRule(Family, raw).Entry);
            }
        }

        return rules;
    }

    /// <summary>
    /// A commit replaces the table and then adds the counters back; where only the second fails, the table is in force and counters are
    /// lost (libiptc.c, TC_COMMIT). What counts is the table.
    /// </summary>
    private bool IsInForce()
    {
        try
        {
            using LibiptcTable current = LibiptcTable.Open(Family, Name);
            return current.HasSameRules(_table);
        }
        catch (XtablesException)
        {
            // The commit's own error is the one to tell.
            return false;
        }
    }
}

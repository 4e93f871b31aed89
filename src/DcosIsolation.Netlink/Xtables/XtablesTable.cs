namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// A table as the kernel held it when it was opened, to look at. Of the network namespace of the thread that opens it. Not safe for use by
/// several threads at once. Every member throws <see cref="ObjectDisposedException"/> once it is disposed.
/// </summary>
public sealed class XtablesTable : IDisposable
{
    private readonly LibiptcTable _table;
    private readonly List<string> _chains;

    private XtablesTable(LibiptcTable table)
    {
        _table = table;
        _chains = table.Chains();
    }

    /// <summary>IPv4 or IPv6.</summary>
    public NetfilterFamily Family => _table.Family;

    /// <summary>The table's name.</summary>
    public string Name => _table.Table;

    /// <summary>
    /// The names of the chains: built-in ones first, then the others by name. Each character is one byte of the name (Latin-1).
    /// </summary>
    public IReadOnlyList<string> Chains => _chains;

    /// <summary>Reads a table. Somebody may be about to write it; hold the lock if that matters.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="table">The table, such as <c>filter</c>. The kernel makes it, empty, if this namespace has none yet.</param>
    /// <exception cref="XtablesException">
    /// CAP_NET_ADMIN or CAP_NET_RAW is lacking, or the kernel has no such table or no legacy xtables, or libiptc is not installed.
    /// </exception>
    public static XtablesTable Open(NetfilterFamily family, string table)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        LibiptcTable opened = LibiptcTable.Open(family, table);
        try
        {
            return new(opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Reads a table that nobody writes as long as the lock is held.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="table">The table, such as <c>filter</c>. The kernel makes it, empty, if this namespace has none yet.</param>
    /// <param name="heldLock">The lock.</param>
    /// <exception cref="XtablesException">As <see cref="Open(NetfilterFamily, string)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The lock was given up already.</exception>
    public static XtablesTable Open(NetfilterFamily family, string table, XtablesLock heldLock)
    {
        ArgumentNullException.ThrowIfNull(heldLock);
        heldLock.ThrowIfNotHeld();
        return Open(family, table);
    }

    /// <summary>Whether there is a chain of that name.</summary>
    public bool HasChain(string chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return _table.HasChain(chain);
    }

    /// <summary>Whether a chain is the kernel's own, such as FORWARD; false also if there is none.</summary>
    public bool IsBuiltin(string chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return _table.IsBuiltin(chain);
    }

    /// <summary>What becomes of packets at the end of a built-in chain; null for another, and if there is none.</summary>
    public XtablesPolicy? Policy(string chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return _table.Policy(chain);
    }

    /// <summary>The rules of a chain, in order.</summary>
    /// <exception cref="XtablesException">There is no such chain.</exception>
    public IReadOnlyList<XtablesTableRule> Rules(string chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return _table.Rules(chain).ConvertAll(raw => new XtablesTableRule(_table.Family, raw));
    }

    /// <summary>The positions in a chain, from 0, of the rules that jump or go to another; much cheaper than looking at the rules.</summary>
    /// <exception cref="XtablesException">There is no such chain.</exception>
    public IReadOnlyList<int> JumpsTo(string chain, string target)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(target);
        return HasChain(chain) ? _table.JumpsTo(chain, target) : throw XtablesErrors.NoChain(Family, Name, chain);
    }

    internal LibiptcTable Copy => _table;

    /// <summary>Frees the copy of the table.</summary>
    public void Dispose() => _table.Dispose();
}

namespace DcosIsolation.Netlink.Xtables;

/// <summary>The target of a rule (<c>-j</c>): struct xt_entry_target and its data. Immutable; compared by value.</summary>
public abstract record XtablesTarget
{
    private protected XtablesTarget()
    {
    }

    /// <summary>
    /// For a verdict and a jump the name is the verdict's or the chain's, as libiptc takes them, and libiptc makes the kernel's standard
    /// target of it (libiptc.c, iptcc_map_target).
    /// </summary>
    internal abstract Extension Extension(NetfilterFamily family);

    internal abstract void Write(NetfilterFamily family, Span<byte> data);
}

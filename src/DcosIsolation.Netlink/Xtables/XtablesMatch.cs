namespace DcosIsolation.Netlink.Xtables;

/// <summary>A match of a rule (<c>-m</c>): struct xt_entry_match and its data. Immutable; compared by value.</summary>
public abstract record XtablesMatch
{
    private protected XtablesMatch()
    {
    }

    internal abstract Extension Extension(NetfilterFamily family);

    /// <summary>
    /// Fills in the kernel's struct; <paramref name="data"/> is zeroed and has the size that <see cref="Extension"/> says, or more.
    /// </summary>
    internal abstract void Write(Span<byte> data);

    /// <summary>
    /// Reads what <see cref="Write"/> writes. What comes back may still differ from <paramref name="data"/> in a field that the match
    /// doesn't have: whoever calls writes it again and compares.
    /// </summary>
    internal static XtablesMatch? TryRead(NetfilterFamily family, string name, byte revision, ReadOnlySpan<byte> data) =>
        (name, revision) switch
        {
            ("set", 4) => SetMatch.TryRead(data),
            ("conntrack", 3) => ConntrackStateMatch.TryRead(data),
            ("limit", 0) => LimitMatch.TryRead(data),
            ("comment", 0) => CommentMatch.TryRead(data),
            ("multiport", 1) => MultiportMatch.TryRead(data),
            ("icmp", 0) when family == NetfilterFamily.Inet => IcmpMatch.TryRead(data),
            ("icmp6", 0) when family == NetfilterFamily.Inet6 => IcmpMatch.TryRead(data),
            _ => null,
        };
}

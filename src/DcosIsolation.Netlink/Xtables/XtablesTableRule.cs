namespace DcosIsolation.Netlink.Xtables;

/// <summary>A rule found in a table, whoever wrote it. Immutable; safe for any number of threads.</summary>
public sealed class XtablesTableRule
{
    private readonly NetfilterFamily _family;
    private readonly RawRule _raw;
    private readonly bool _isStandard;
    private readonly Lazy<byte[]> _normalized;
    private readonly Lazy<XtablesRule?> _rule;

    internal XtablesTableRule(NetfilterFamily family, RawRule raw)
    {
        _family = family;
        _raw = raw;
        _isStandard = EntryShape.TryParse(family, raw.Entry) is { IsStandard: true };
        _normalized = new(() => EntryCodec.Normalize(_family, _raw.Entry, _raw.Target));
        _rule = new(() => EntryCodec.TryDecode(_family, _normalized.Value, _isStandard));
    }

    /// <summary>The rule, or null if it has anything that <see cref="XtablesRule"/> cannot say.</summary>
    public XtablesRule? Rule => _rule.Value;

    /// <summary>
    /// The rule for people: all of it if <see cref="Rule"/> isn't null, otherwise the names of its matches and its target.
    /// </summary>
    public string Description => Rule?.ToString() ?? EntryCodec.Describe(_family, _normalized.Value);

    /// <summary>The chain that the rule jumps or goes to, or null.</summary>
    public string? JumpsTo => _isStandard && _raw.Target.Length > 0 && !ChainName.IsVerdict(_raw.Target) ? _raw.Target : null;

    /// <summary>The rule's counters when the table was read.</summary>
    public XtablesCounters Counters => EntryHeader.Counters(_family, _raw.Entry);

    /// <summary>
    /// The rule as the kernel returned it: struct ipt_entry or ip6t_entry, matches, target, in the machine's byte order, and including
    /// counters and a jump's offset into the table.
    /// </summary>
    public ReadOnlyMemory<byte> Bytes => _raw.Entry;

    /// <summary>The rule as it could be written again: with names for verdicts and jumps, without counters.</summary>
    public XtablesEntry Entry => new(_family, _normalized.Value, _isStandard);

    /// <summary>
    /// The indexes of the sets that the rule refers to, as often as it does, also where <see cref="Rule"/> is null: matches <c>set</c> and
    /// targets <c>SET</c> (of revision 1 and up).
    /// </summary>
    public IReadOnlyList<ushort> SetIndexes => EntryCodec.SetIndexes(_family, _raw.Entry);

    /// <summary>The bytes by which rules are compared: <see cref="EntryCodec.Normalize"/>.</summary>
    internal byte[] Normalized => _normalized.Value;
}

namespace DcosIsolation.Netlink.Xtables;

/// <summary>A rule to write, and the counters that it begins with where it is new.</summary>
public readonly record struct CountedRule
{
    private readonly XtablesRule? _rule;
    private readonly XtablesEntry? _entry;

    /// <param name="rule">The rule; its counters begin at 0.</param>
    public CountedRule(XtablesRule rule)
        : this(rule, default)
    {
    }

    /// <param name="rule">The rule.</param>
    /// <param name="initialCounters">Ignored for a rule that is already in the chain: that one keeps its own.</param>
    public CountedRule(XtablesRule rule, XtablesCounters initialCounters)
    {
        ArgumentNullException.ThrowIfNull(rule);
        (_rule, InitialCounters) = (rule, initialCounters);
    }

    /// <param name="entry">The rule, of the family of the table that it is written to.</param>
    /// <param name="initialCounters">Ignored for a rule that is already in the chain: that one keeps its own.</param>
    public CountedRule(XtablesEntry entry, XtablesCounters initialCounters)
    {
        ArgumentNullException.ThrowIfNull(entry);
        (_entry, InitialCounters) = (entry, initialCounters);
    }

    /// <summary>Ignored for a rule that is already in the chain: that one keeps its own.</summary>
    public XtablesCounters InitialCounters { get; }

    /// <summary>The rule's bytes.</summary>
    /// <exception cref="ArgumentException">The rule cannot be of this family, is malformed, or there is none.</exception>
    internal XtablesEntry Entry(NetfilterFamily family)
    {
        XtablesEntry entry = _entry ?? XtablesEntry.From(family, _rule ?? throw new ArgumentException("there is no rule"));
        return entry.Family == family ? entry : throw new ArgumentException($"the rule '{entry}' is not of the family of the table");
    }
}

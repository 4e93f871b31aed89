namespace DcosIsolation.Netlink.Xtables;

/// <summary>A rule to write, and the counters that it begins with where it is new.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="InitialCounters">Ignored for a rule that is already in the chain: that one keeps its own.</param>
public readonly record struct CountedRule(XtablesRule Rule, XtablesCounters InitialCounters = default);

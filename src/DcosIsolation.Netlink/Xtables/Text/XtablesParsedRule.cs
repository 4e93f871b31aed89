using System.Collections.Immutable;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>What the text of a rule compiles to.</summary>
/// <param name="Entries">
/// One entry, more where a source or destination is a list (<c>-s a,b</c>), none where the text says that it is for the other family
/// (<c>-4</c>, <c>-6</c>).
/// </param>
/// <param name="Counters">The counters that the text gives (<c>-c packets bytes</c>), or null.</param>
public sealed record XtablesParsedRule(ImmutableArray<XtablesEntry> Entries, XtablesCounters? Counters)
{
    /// <summary>What extensions had to say although they took the rule, as one line; empty if nothing.</summary>
    public string Warnings { get; init; } = "";
}

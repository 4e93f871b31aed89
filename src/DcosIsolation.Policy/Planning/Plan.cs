using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// The steps that bring a kernel from a live state to a desired one, in the order in which they are taken: discard, create, shrink, swap,
/// commit the tables, grow, destroy. A pure value; nothing happens until a dataplane carries it out.
/// </summary>
/// <param name="Discard">Kernel names of leftover sets that nothing in force uses: destroyed first, lists before their members.</param>
/// <param name="Create">
/// Sets to make and fill, under free kernel names; list members are kernel names too; members come before lists.
/// </param>
/// <param name="Tables">Per family that changes, what its table shall hold.</param>
/// <param name="Destroy">Kernel names of the sets that the switch leaves without use: destroyed last, lists before their members.</param>
/// <param name="Sets">What changes, set by set, under logical names.</param>
/// <param name="Notices">What an operator should know: an adopted chain, a set that someone else's rule refers to.</param>
public sealed record Plan(
    ImmutableArray<string> Discard,
    ImmutableArray<SetSpec> Create,
    ImmutableArray<TablePlan> Tables,
    ImmutableArray<string> Destroy,
    ImmutableArray<SetChange> Sets,
    ImmutableArray<string> Notices)
{
    /// <summary>
    /// What is changed in sets in force before the tables are committed, in phases: entries that no packet may find any more, and room made
    /// for that. Between two phases every packet's walk through the rules that had begun must have ended.
    /// </summary>
    public ImmutableArray<EditPhase> Shrink { get; init; } = [];

    /// <summary>The sets whose contents are exchanged, with sets that <see cref="Create"/> has made.</summary>
    public ImmutableArray<SetSwap> Swaps { get; init; } = [];

    /// <summary>What is changed in sets in force after the tables are committed, in phases as those of <see cref="Shrink"/>.</summary>
    public ImmutableArray<EditPhase> Grow { get; init; } = [];

    /// <summary>The way that each family takes whose sets in force change, and why.</summary>
    public ImmutableArray<FamilyPath> Paths { get; init; } = [];

    /// <summary>The kernel's name that each desired set has once the plan is carried out, by its logical name.</summary>
    public IReadOnlyDictionary<string, string> KernelNames { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the kernel is as desired, so that nothing is written.</summary>
    public bool IsEmpty =>
        Discard.IsEmpty && Create.IsEmpty && Shrink.IsEmpty && Swaps.IsEmpty && Tables.IsEmpty && Grow.IsEmpty && Destroy.IsEmpty;

    /// <summary>How many entries are added in place, or deleted.</summary>
    public long EntriesInPlace(bool added) =>
        Shrink.Concat(Grow).SelectMany(phase => phase.Edits).Where(edit => edit.IsAdd == added).Sum(edit => (long)edit.Entries.Count);
}

/// <summary>What one family's table shall hold, with the kernel's set names, and how that differs from what it holds.</summary>
/// <param name="Family">The family.</param>
/// <param name="Jump">The rule for the first position of FORWARD; null to remove every jump and the chain.</param>
/// <param name="Chain">The rules of the chain; empty when <paramref name="Jump"/> is null.</param>
/// <param name="Changes">The differences, in the order of the chain, the jump first.</param>
public sealed record TablePlan(Family Family, Rule? Jump, ImmutableArray<PlannedRule> Chain, ImmutableArray<RuleChange> Changes);

/// <summary>A rule of a planned chain.</summary>
/// <param name="Rule">The rule, with the kernel's set names.</param>
/// <param name="Packets">The packet counter that it starts with: that of the rule in force with the same meaning, or 0.</param>
/// <param name="Bytes">The byte counter that it starts with.</param>
public sealed record PlannedRule(Rule Rule, ulong Packets, ulong Bytes);

/// <summary>How a rule changes.</summary>
public enum RuleChangeKind
{
    /// <summary>The rule is new.</summary>
    Add,

    /// <summary>The rule goes away.</summary>
    Remove,

    /// <summary>The rule stays in meaning and changes its position.</summary>
    Move,

    /// <summary>The rule stays in meaning and place and refers to a set's new generation, or carries a new comment.</summary>
    Update,
}

/// <summary>One difference between a table's rules and the desired ones.</summary>
/// <param name="Kind">What happens to the rule.</param>
/// <param name="Text">The rule as text with logical set names, with its chain: <c>-A dcos-isolation …</c>.</param>
public readonly record struct RuleChange(RuleChangeKind Kind, string Text);

/// <summary>How a set changes.</summary>
public enum SetChangeKind
{
    /// <summary>The set is new.</summary>
    Create,

    /// <summary>The set's entries change.</summary>
    Update,

    /// <summary>The set goes away.</summary>
    Destroy,
}

/// <summary>One set's change.</summary>
/// <param name="Kind">What happens to the set.</param>
/// <param name="Name">The set's logical name.</param>
/// <param name="TypeName">The kernel's name of its type.</param>
/// <param name="Added">Entries that the new set has and the old one hasn't, as text; each is made when it is asked for.</param>
/// <param name="Removed">Entries that the old set has and the new one hasn't, as text; each is made when it is asked for.</param>
public sealed record SetChange(SetChangeKind Kind, string Name, string TypeName, IReadOnlyList<string> Added, IReadOnlyList<string> Removed)
{
    /// <summary>The way in which a set in force comes to its new entries; null for one that is new or goes away.</summary>
    public SwitchPath? Path { get; init; }
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>What the kernel holds of the project's objects, as read at one time.</summary>
/// <param name="Sets">The sets whose names are the project's, whoever made them.</param>
/// <param name="Families">
/// What each family's filter table holds, IPv4 first; a family without the chain and any jump to it has an empty item.
/// </param>
public sealed record LiveState(ImmutableArray<LiveSet> Sets, ImmutableArray<LiveFamily> Families)
{
    /// <summary>
    /// Whether a process can wait until every packet's walk through the rules has ended that began before. Without that no set in force is
    /// changed.
    /// </summary>
    public bool CanAwaitPackets { get; init; } = true;

    /// <summary>Whether the contents of sets in force can be exchanged: not while someone's dump of one of them stalls.</summary>
    public bool CanSwap { get; init; } = true;
}

/// <summary>A set in the kernel under one of the project's names.</summary>
/// <param name="Name">The kernel's name of the set.</param>
/// <param name="TypeName">The kernel's name of the type.</param>
/// <param name="Content">The entries, or null when the type or an entry is nothing that the project makes.</param>
/// <param name="References">How many rules and lists refer to the set, anyone's.</param>
/// <param name="MaxElem">The most entries that the set takes; 0 for list:set.</param>
/// <param name="MemoryBytes">The kernel's memory for the set, in bytes.</param>
public sealed record LiveSet(string Name, string TypeName, SetSpec? Content, int References, uint MaxElem, long MemoryBytes);

/// <summary>One family's part of the filter table that belongs to the project.</summary>
/// <param name="Family">The family.</param>
/// <param name="HasChain">Whether the chain <c>dcos-isolation</c> exists.</param>
/// <param name="Chain">Its rules, in order.</param>
/// <param name="Jumps">The rules of FORWARD that jump to it, with their positions from 0.</param>
/// <param name="ForeignJumps">Rules of other chains that jump to it, as <c>CHAIN rule N</c>.</param>
/// <param name="AppliedAt">When the policy in force was applied, as the last rule's comment says; null when it says nothing.</param>
public sealed record LiveFamily(
    Family Family,
    bool HasChain,
    ImmutableArray<LiveRule> Chain,
    ImmutableArray<LiveJump> Jumps,
    ImmutableArray<string> ForeignJumps,
    DateTimeOffset? AppliedAt)
{
    /// <summary>Whether the table holds anything of the project's: the chain, or a jump to it.</summary>
    public bool IsPresent => HasChain || !Jumps.IsEmpty;
}

/// <summary>A rule in the kernel.</summary>
/// <param name="Rule">
/// The rule with the kernel's set names and without the time in its comment; null when the project would never write such a rule.
/// </param>
/// <param name="Text">The rule as text, also where it is foreign.</param>
/// <param name="Packets">The packet counter.</param>
/// <param name="Bytes">The byte counter.</param>
public sealed record LiveRule(Rule? Rule, string Text, ulong Packets, ulong Bytes)
{
    /// <summary>The kernel's names of the project's sets that the rule refers to, as often as it does.</summary>
    public ImmutableArray<string> Sets { get; init; } = Rule is null ? [] : [.. Rule.Sets.Select(match => match.Set)];
}

/// <summary>A jump from FORWARD to the chain.</summary>
/// <param name="Position">The rule's position in FORWARD, from 0.</param>
/// <param name="Rule">The rule.</param>
public readonly record struct LiveJump(int Position, LiveRule Rule);

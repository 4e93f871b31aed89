using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>The way in which sets in force come to their new entries, the cheapest first.</summary>
public enum SwitchPath
{
    /// <summary>Entries are added and deleted in the set in force, in an order in which no packet gets a wrong verdict.</summary>
    InPlace,

    /// <summary>One set is built anew and exchanged with the one in force by IPSET_CMD_SWAP.</summary>
    Swap,

    /// <summary>Sets are built anew beside those in force, and the rules refer to them from one commit on.</summary>
    Generation,
}

/// <summary>The way that a family's sets take.</summary>
/// <param name="Family">The family.</param>
/// <param name="Path">The way; <see cref="SwitchPath.InPlace"/> also where other sets of the family are built anew.</param>
/// <param name="Why">Why it is that one, in words that continue "since": what the sets allow, or what forbids a cheaper way.</param>
public sealed record FamilyPath(Family Family, SwitchPath Path, string Why);

/// <summary>Entries that are added to a set in force or deleted from it.</summary>
/// <param name="IsAdd">Whether they are added.</param>
/// <param name="Entries">The entries, under the kernel's name of the set.</param>
public sealed record SetEdit(bool IsAdd, SetSpec Entries);

/// <summary>Edits whose order among each other does not matter.</summary>
/// <param name="Edits">The edits, each of at least one entry.</param>
public sealed record EditPhase(ImmutableArray<SetEdit> Edits);

/// <summary>Two sets whose contents are exchanged.</summary>
/// <param name="InForce">The kernel's name of the set that rules refer to.</param>
/// <param name="Fresh">The kernel's name of the one that was just made.</param>
public readonly record struct SetSwap(string InForce, string Fresh);

/// <summary>When a set in force is worth changing in place.</summary>
/// <param name="MinEntries">The fewest entries of such a set: a smaller one is built anew in a few milliseconds.</param>
/// <param name="MaxShare">The most changes, as one of so many entries of the set: beyond, filling a new one is cheaper.</param>
internal sealed record InPlaceLimits(int MinEntries = 4096, int MaxShare = 4);

using System.Collections.Immutable;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.Daemon.Explaining;

/// <summary>A rule in force.</summary>
/// <param name="Chain">Its chain.</param>
/// <param name="Number">Its position there, from 1.</param>
/// <param name="Rule">The rule; null where it has anything that is not understood here.</param>
/// <param name="Text">The rule as text.</param>
internal sealed record KernelRule(string Chain, int Number, XtablesRule? Rule, string Text)
{
    /// <summary>What it asks of sets; of a rule that is not understood, what it asks of them before all else.</summary>
    public ImmutableArray<SetMatch> Sets { get; init; } = [];

    /// <summary>Of a rule that is not understood: whether it may decide about a packet, and not only log it.</summary>
    public bool MayDecide { get; init; }

    /// <summary>Whether only this program writes such a rule, for no operator's rule can ask these sets or name a policy.</summary>
    public bool IsOwn { get; init; }

    /// <summary><c>rule 3 of dcos-isolation</c>.</summary>
    public string Name => $"rule {Number} of {Chain}";
}

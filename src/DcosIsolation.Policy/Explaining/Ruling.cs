using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>What becomes of a packet that opens a connection.</summary>
public enum RulingVerdict
{
    /// <summary>It is not judged: an address lies in no network, or an exception covers the pair. It goes on to the rules of others.</summary>
    NotJudged,

    /// <summary>It is accepted, and no rule of others is asked.</summary>
    Accepted,

    /// <summary>It passes, and goes on to the rules of others.</summary>
    Passes,

    /// <summary>It is refused with a message to the sender.</summary>
    Rejected,

    /// <summary>It is refused silently.</summary>
    Dropped,

    /// <summary>It depends on what cannot be told: an operator's rule.</summary>
    Unknown,
}

/// <summary>What a policy says about a packet, and why. Immutable.</summary>
/// <param name="Verdict">What becomes of the packet, unless an operator's rule decides first.</param>
/// <param name="Decider">What decides it; null if an address lies in no network.</param>
/// <param name="MayDecideFirst">Operators' rules that are asked before, and that may fit: only iptables knows.</param>
/// <param name="Shadowed">What would have fitted as well, had it been asked, in the order of asking; the default is never among it.</param>
public sealed record Ruling(
    RulingVerdict Verdict, Statement? Decider, ImmutableArray<Statement> MayDecideFirst, ImmutableArray<Statement> Shadowed)
{
    /// <summary>The ruling of a packet one of whose addresses lies in no network.</summary>
    public static Ruling Outside { get; } = new(RulingVerdict.NotJudged, null, [], []);

    /// <summary>Whether the packet is not refused.</summary>
    public bool Passes => Verdict is RulingVerdict.NotJudged or RulingVerdict.Accepted or RulingVerdict.Passes;

    /// <summary>Whether two rulings of one model say the same for the same reasons.</summary>
    internal bool IsSameAs(Ruling other) =>
        Decider == other.Decider
        && MayDecideFirst.AsSpan().SequenceEqual(other.MayDecideFirst.AsSpan())
        && Shadowed.AsSpan().SequenceEqual(other.Shadowed.AsSpan());
}

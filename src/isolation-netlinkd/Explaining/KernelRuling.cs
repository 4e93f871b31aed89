using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Explaining;

/// <summary>A rule that a packet met, and what came of it.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Matched">Whether it matched.</param>
/// <param name="Sets">The sets that were asked, with their answers.</param>
internal sealed record KernelStep(KernelRule Rule, Answer Matched, IReadOnlyList<AskedSet> Sets);

/// <summary>A set that was asked, as the match of a rule.</summary>
internal sealed record AskedSet(string Match, Answer Answer);

/// <summary>What the rules in force do with a packet that opens a connection.</summary>
/// <param name="Verdict">What becomes of it, unless a rule that is not understood decides first.</param>
/// <param name="Decider">The rule that decides; null where none does.</param>
/// <param name="Why">Why no rule decides, or null.</param>
/// <param name="MayDecideFirst">Rules before it that may match, and may decide.</param>
internal sealed record KernelRuling(RulingVerdict Verdict, KernelRule? Decider, string? Why, IReadOnlyList<KernelRule> MayDecideFirst)
{
    /// <summary>The rules that were met, if they were asked for.</summary>
    public IReadOnlyList<KernelStep> Steps { get; init; } = [];

    /// <summary>The rule that decides, or why there is none.</summary>
    public string Place => Decider is { } rule ? $"{rule.Name}: {rule.Text}" : Why ?? "";
}

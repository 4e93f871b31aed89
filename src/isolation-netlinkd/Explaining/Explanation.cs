using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Explaining;

/// <summary>What the policy and the kernel say about a question, as far as they were asked, and where they differ.</summary>
/// <param name="Question">The question.</param>
/// <param name="Policy">What the policy says.</param>
/// <param name="Kernel">What the kernel says.</param>
internal sealed record Explanation(Question Question, Ruling? Policy, KernelRuling? Kernel)
{
    /// <summary>How the two differ, or null. Where operators' rules of the policy may decide, what they can decide is no difference.</summary>
    public string? Difference => Policy is { } policy && Kernel is { } kernel ? Compare(policy, kernel) : null;

    private static string? Compare(Ruling policy, KernelRuling kernel)
    {
        if (policy.MayDecideFirst.IsEmpty && kernel.MayDecideFirst.Count > 0)
        {
            KernelRule stranger = kernel.MayDecideFirst[0];
            return $"the policy {Verb(policy.Verdict)} ({PlaceOf(policy)}), the kernel has {stranger.Name}, which may decide first: {stranger.Text}";
        }

        if (IsSame(policy, kernel) || (!policy.MayDecideFirst.IsEmpty && (kernel.MayDecideFirst.Count > 0 || kernel.Decider is { IsOwn: false })))
        {
            return null;
        }

        return $"the policy {Verb(policy.Verdict)} ({PlaceOf(policy)}), the kernel {Verb(kernel.Verdict)} ({kernel.Place})";
    }

    private static bool IsSame(Ruling policy, KernelRuling kernel) => policy.Verdict == RulingVerdict.NotJudged
        ? kernel.Verdict == RulingVerdict.NotJudged
            || (policy.Decider?.Kind == StatementKind.Exception && kernel.Verdict == RulingVerdict.Passes)
        : policy.Verdict == kernel.Verdict;

    /// <summary>Where the policy says it, and what.</summary>
    public static string PlaceOf(Ruling ruling) => ruling.Decider is { } decider
        ? TextOf(decider)
        : "an address is in no network";

    /// <summary><c>policy.yaml:12:5: deny from hr to it</c>.</summary>
    public static string TextOf(Statement statement) => statement.Location is { } location ? $"{location}: {statement.Text}" : statement.Text;

    /// <summary>A verdict in a word, as in <c>--json</c>.</summary>
    public static string Word(RulingVerdict verdict) => verdict switch
    {
        RulingVerdict.NotJudged => "not-judged",
        RulingVerdict.Accepted => "accepted",
        RulingVerdict.Passes => "passes",
        RulingVerdict.Rejected => "rejected",
        RulingVerdict.Dropped => "dropped",
        _ => "unknown",
    };

    private static string Verb(RulingVerdict verdict) => verdict switch
    {
        RulingVerdict.NotJudged => "does not judge it",
        RulingVerdict.Accepted => "accepts it",
        RulingVerdict.Passes => "lets it pass",
        RulingVerdict.Rejected => "rejects it",
        _ => "drops it",
    };
}

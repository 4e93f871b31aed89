namespace DcosIsolation.Policy;

/// <summary>What can be told of an operator's rule without iptables.</summary>
internal static class OperatorVerdicts
{
    private static readonly string[] s_jumps = ["-j", "--jump", "-g", "--goto"];

    /// <summary>Whether the rule may decide about a packet: not one that only logs, or that has no target.</summary>
    public static bool MayDecide(RuleText rule)
    {
        List<string> words = RuleWords.TrySplit(rule.Words, out _) ?? [];
        int jump = words.FindIndex(word => s_jumps.Contains(word));
        return jump >= 0 && jump + 1 < words.Count && words[jump + 1] is not ("LOG" or "NFLOG");
    }
}

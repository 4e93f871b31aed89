namespace DcosIsolation.Policy;

/// <summary>What can be told of an operator's rule without iptables. Stateless; safe to call from any thread.</summary>
public static class OperatorVerdicts
{
    private static readonly string[] s_jumps = ["-j", "--jump", "-g", "--goto"];

    /// <summary>Whether the rule may decide about a packet: not one that only logs, or that has no target.</summary>
    /// <param name="text">The rule's words; those about sets may be left out.</param>
    public static bool MayDecide(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<string> words = RuleWords.TrySplit(text, out _) ?? [];
        int jump = words.FindIndex(word => s_jumps.Contains(word));
        return jump >= 0 && jump + 1 < words.Count && words[jump + 1] is not ("LOG" or "NFLOG");
    }
}

namespace DcosIsolation.Policy;

/// <summary>The comment of a chain's last rule, which says what policy the chain enforces.</summary>
public static class RuleComment
{
    private const string Start = "policy ";

    /// <summary>The comment for a policy's digest.</summary>
    public static string OfPolicy(string policyDigest) => Start + policyDigest;

    /// <summary>Whether a rule's comment names a policy.</summary>
    public static bool NamesPolicy(string? comment) => comment is not null && comment.StartsWith(Start, StringComparison.Ordinal);

    /// <summary>The digest of the policy that a comment names, or null.</summary>
    public static string? PolicyOf(string? comment) => NamesPolicy(comment) ? comment![Start.Length..] : null;
}

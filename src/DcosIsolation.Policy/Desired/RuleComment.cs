namespace DcosIsolation.Policy;

/// <summary>The comment of a chain's last rule, which says what policy the chain enforces.</summary>
public static class RuleComment
{
    private const string Start = "policy ";

    /// <summary>The comment for a policy's digest.</summary>
    public static string OfPolicy(string policyDigest) => Start + policyDigest;

    /// <summary>Whether a rule's comment names a policy.</summary>
    public static bool NamesPolicy(string? comment) => comment is not null && comment.StartsWith(Start, StringComparison.Ordinal);

    /// <summary>The digest of the policy that such a comment names.</summary>
    public static string DigestOf(string comment)
    {
        ArgumentNullException.ThrowIfNull(comment);
        return comment[Start.Length..].Split(' ')[0];
    }
}

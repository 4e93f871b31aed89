using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>The operator's own iptables rules: <c>rules</c>. Immutable.</summary>
/// <param name="First">Those before every rule that judges, in the file's order; exceptions are not judged by them either.</param>
/// <param name="Last">Those behind all of them but the default verdict, in the file's order.</param>
public sealed record OperatorRules(ImmutableArray<OperatorRule> First, ImmutableArray<OperatorRule> Last)
{
    /// <summary>No rules.</summary>
    public static OperatorRules None { get; } = new([], []);

    /// <summary>Whether there is any rule.</summary>
    public bool Any => !First.IsEmpty || !Last.IsEmpty;
}

/// <summary>One item of <c>rules</c>. Immutable.</summary>
/// <param name="Inet">The rule for IPv4, or null.</param>
/// <param name="Inet6">The rule for IPv6, or null; the same object where one text is for both.</param>
public sealed record OperatorRule(RuleText? Inet, RuleText? Inet6)
{
    /// <summary>The rule for a family, or null.</summary>
    public RuleText? Of(Family family) => family == Family.Inet ? Inet : Inet6;
}

/// <summary>A rule as an operator wrote it: conditions on the policy's networks, and the rest, which iptables understands. Immutable.</summary>
/// <param name="Networks">The conditions <c>@network</c>, in order.</param>
/// <param name="Words">The other words, each quoted where it needs that; empty if there are none.</param>
/// <param name="Location">Where the file says it.</param>
public sealed record RuleText(ImmutableArray<NetworkMatch> Networks, string Words, SourceLocation Location)
{
    /// <summary>The canonical text, in which the conditions on networks come first.</summary>
    public override string ToString()
    {
        string[] words = Words.Length == 0 ? [] : [Words];
        return string.Join(' ', Networks.Select(match => match.ToString()).Concat(words));
    }
}

/// <summary>Whether one of a packet's addresses is in a network of the policy. Immutable.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="IsSource">Whether it is the source address; otherwise the destination.</param>
/// <param name="Negated">Whether the condition is that it is not in the network.</param>
public sealed record NetworkMatch(string Network, bool IsSource, bool Negated)
{
    /// <summary>As an operator can write it: <c>-m set ! --match-set @hr src</c>.</summary>
    public override string ToString() => $"-m set {(Negated ? "! " : "")}--match-set @{Network} {(IsSource ? "src" : "dst")}";
}

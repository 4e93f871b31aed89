using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>What of the kernel a policy may use.</summary>
/// <param name="HashNetNet">Whether the set type hash:net,net exists.</param>
/// <param name="HashNetPortNet">Whether the set type hash:net,port,net exists.</param>
/// <param name="ListSet">Whether the set type list:set exists.</param>
public sealed record KernelAbilities(bool HashNetNet, bool HashNetPortNet, bool ListSet)
{
    /// <summary>A kernel with every set type.</summary>
    public static KernelAbilities All { get; } = new(true, true, true);
}

/// <summary>
/// The kernel objects that a policy compiles to, under logical names: a pure value, the same for the same policy and abilities.
/// </summary>
/// <param name="PolicyDigest">SHA-256 of the canonical policy, in lower-case hex.</param>
/// <param name="Families">One item per family in which the policy has any prefix; IPv4 first.</param>
public sealed record DesiredState(string PolicyDigest, ImmutableArray<FamilyState> Families)
{
    /// <summary>The same objects with another digest: for who compiles while the digest of a large policy is still being computed.</summary>
    /// <param name="policyDigest">SHA-256 of the canonical policy, in lower-case hex.</param>
    public DesiredState WithPolicyDigest(string policyDigest) => new(policyDigest, [.. Families.Select(family => family with
    {
        Chain = family.Chain.SetItem(family.Chain.Length - 1, family.Chain[^1].WithComment(RuleComment.OfPolicy(policyDigest))),
    })]);
}

/// <summary>The sets and rules of one family.</summary>
/// <param name="Family">The family.</param>
/// <param name="Sets">The sets; a list:set comes after its members.</param>
/// <param name="Jump">The rule at the first position of FORWARD.</param>
/// <param name="Chain">The rules of <c>dcos-isolation</c>, in order; the last one's comment is <c>policy DIGEST</c>.</param>
public sealed record FamilyState(Family Family, ImmutableArray<SetSpec> Sets, Rule Jump, ImmutableArray<Rule> Chain)
{
    /// <summary>How each pair of endpoints was encoded, exceptions and denials first.</summary>
    public ImmutableArray<EncodingChoice> Choices { get; init; } = [];

    /// <summary>Which set the jump asks, and what the other would have cost; null where nothing was chosen.</summary>
    public OverlaysChoice? Overlays { get; init; }
}

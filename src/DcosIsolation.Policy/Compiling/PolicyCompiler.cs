using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Turns a policy into the kernel objects that enforce it. Pure and deterministic; thread-safe.</summary>
public static class PolicyCompiler
{
    /// <summary>Compiles a policy for a kernel.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="policyDigest">The policy's digest, in lower-case hex; the last rule's comment carries it.</param>
    /// <param name="abilities">What of the kernel may be used. It decides the encoding and never the verdict.</param>
    /// <exception cref="PolicyCompilationException">The policy cannot be told to the kernel.</exception>
    public static DesiredState Compile(IsolationPolicy policy, string policyDigest, KernelAbilities abilities) =>
        Compile(policy, policyDigest, abilities, EncodingCost.Default);

    /// <summary>The operator's rules of one family, in order, with their places in the policy and logical set names.</summary>
    /// <exception cref="PolicyCompilationException">The policy cannot be told to the kernel.</exception>
    public static ImmutableArray<Rule> OperatorRules(IsolationPolicy policy, Family family)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ImmutableArray<Rule>.Builder rules = ImmutableArray.CreateBuilder<Rule>();
        if (policy.Rules.Any && policy.Networks.Any(network => network.Has(family)))
        {
            Dictionary<string, string> labels = NetworkLabels.Of(policy);
            HashSet<string> present = [.. policy.Networks.Where(network => network.Has(family)).Select(network => network.Name)];
            var compiler = new OperatorRuleCompiler(
                family, network => present.Contains(network) ? KernelNames.NetworkSet(labels[network], family) : null);
            compiler.Compile(policy.Rules.First, rules);
            compiler.Compile(policy.Rules.Last, rules);
        }

        return rules.ToImmutable();
    }

    /// <summary>The same with other weights, which decide the encoding and never the verdict.</summary>
    internal static DesiredState Compile(IsolationPolicy policy, string policyDigest, KernelAbilities abilities, EncodingCost cost)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(policyDigest);
        ArgumentNullException.ThrowIfNull(abilities);
        Dictionary<string, string> labels = NetworkLabels.Of(policy);
        ImmutableArray<FamilyState>.Builder families = ImmutableArray.CreateBuilder<FamilyState>(2);
        foreach (Family family in (ReadOnlySpan<Family>)[Family.Inet, Family.Inet6])
        {
            if (new FamilyCompiler(policy, abilities, labels, family, cost).Compile(policyDigest) is { } state)
            {
                families.Add(state);
            }
        }

        return new DesiredState(policyDigest, families.DrainToImmutable());
    }
}

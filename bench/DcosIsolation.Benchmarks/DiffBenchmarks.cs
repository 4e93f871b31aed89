using System.Collections.Immutable;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using DcosIsolation.Policy;

namespace DcosIsolation.Benchmarks;

/// <summary>A network of a million prefixes against a million in the kernel, and their digests: time and allocation for one.</summary>
[MemoryDiagnoser]
public class DiffBenchmarks
{
    private const int Count = 1_000_000;

    private IsolationPolicy _policy = null!;
    private DesiredState _desired = null!;
    private LiveState _same = null!;
    private LiveState _other = null!;

    [GlobalSetup]
    public void Setup()
    {
        _policy = PolicyOf(MakePrefixes(changed: false));
        _desired = PolicyCompiler.Compile(_policy, "digest", KernelAbilities.All);
        _same = LiveOf(PolicyCompiler.Compile(PolicyOf(MakePrefixes(changed: false)), "digest", KernelAbilities.All));
        _other = LiveOf(PolicyCompiler.Compile(PolicyOf(MakePrefixes(changed: true)), "digest", KernelAbilities.All));
    }

    /// <summary>All are there.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public Plan PlanOfTheSame() => Planner.Plan(_desired, _same);

    /// <summary>One of a hundred is another, and what differs is counted.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public int PlanOfOneInAHundred() => Planner.Plan(_desired, _other).Sets.Sum(set => set.Added.Count);

    [Benchmark(OperationsPerInvoke = Count)]
    public string DigestOfThePolicy() => PolicyDigest.Compute(_policy);

    [Benchmark(OperationsPerInvoke = Count)]
    public string DigestOfTheState() => StateDigest.Of(_desired);

    private static ImmutableArray<Prefix> MakePrefixes(bool changed)
    {
        // Every other /24, so that none are halves of one.
        var prefixes = new Prefix[Count];
        for (int i = 0; i < Count; i++)
        {
            prefixes[i] = new Prefix(Family.Inet, (UInt128)((uint)i << 9) << 96, changed && i % 100 == 0 ? 25 : 24);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(prefixes);
    }

    private static IsolationPolicy PolicyOf(ImmutableArray<Prefix> prefixes) => new(
        DefaultVerdict.Deny, DenyMode.Reject, [new Network("it", prefixes, true, new SourceLocation("policy.yaml", 1, 1))], [], [], []);

    /// <summary>What the kernel holds after an apply.</summary>
    private static LiveState LiveOf(DesiredState desired) => new(
        [.. desired.Families.SelectMany(family => family.Sets)
            .Select(set => new LiveSet(set.Name, set.TypeName, set, References: 0, uint.MaxValue, MemoryBytes: 0))],
        [.. desired.Families.Select(family => new LiveFamily(
            family.Family, HasChain: true, [.. family.Chain.Select(LiveRuleOf)], [new LiveJump(0, LiveRuleOf(family.Jump))], [], null))]);

    private static LiveRule LiveRuleOf(Rule rule) => new(rule, "", 0, 0);
}

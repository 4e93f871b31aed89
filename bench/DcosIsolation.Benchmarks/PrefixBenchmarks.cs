using BenchmarkDotNet.Attributes;
using DcosIsolation.Policy;

namespace DcosIsolation.Benchmarks;

/// <summary>Sorting and merging prefixes, in place.</summary>
[MemoryDiagnoser]
public class PrefixBenchmarks
{
    private const int Count = 100_000;

    private readonly Prefix[] _random = MakeRandom();
    private readonly Prefix[] _work = new Prefix[Count];

    [Benchmark(OperationsPerInvoke = Count)]
    public int Canonicalize()
    {
        _random.CopyTo(_work, 0);
        return PrefixCanonicalizer.Canonicalize(_work);
    }

    private static Prefix[] MakeRandom()
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, Count).Select(_ => new Prefix(Family.Inet, (UInt128)(uint)random.NextInt64(1L << 32) << 96, random.Next(16, 33)))];
    }
}

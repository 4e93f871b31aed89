using BenchmarkDotNet.Attributes;
using DcosIsolation.Policy;

namespace DcosIsolation.Benchmarks;

/// <summary>Sorting and merging a million entries in place: time and allocation for one; each begins with copying them.</summary>
[MemoryDiagnoser]
public class PrefixBenchmarks
{
    private const int Count = 1_000_000;

    private readonly Prefix[] _random = MakeRandom(Family.Inet);
    private readonly Prefix[] _randomInet6 = MakeRandom(Family.Inet6);
    private readonly Prefix[] _work = new Prefix[Count];
    private NetNetEntry[] _pairs = [];
    private NetNetEntry[] _workPairs = [];
    private Prefix[] _sorted = [];

    [GlobalSetup]
    public void Setup()
    {
        _sorted = [.. _random];
        Array.Sort(_sorted);
        _pairs = [.. _random.Zip(_random.Reverse(), (source, destination) => new NetNetEntry(source, destination))];
        _workPairs = new NetNetEntry[Count];
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int CanonicalizeRandom()
    {
        _random.CopyTo(_work, 0);
        return PrefixCanonicalizer.Canonicalize(_work);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int CanonicalizeSorted()
    {
        _sorted.CopyTo(_work, 0);
        return PrefixCanonicalizer.Canonicalize(_work);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void SortByComparison()
    {
        _random.CopyTo(_work, 0);
        Array.Sort(_work);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void SortByRadix()
    {
        _random.CopyTo(_work, 0);
        RadixSort.Sort<Prefix>(_work);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void SortByRadixInet6()
    {
        _randomInet6.CopyTo(_work, 0);
        RadixSort.Sort<Prefix>(_work);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void SortPairsByComparison()
    {
        _pairs.CopyTo(_workPairs, 0);
        Array.Sort(_workPairs);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void SortPairsByRadix()
    {
        _pairs.CopyTo(_workPairs, 0);
        RadixSort.Sort<NetNetEntry>(_workPairs);
    }

    private static Prefix[] MakeRandom(Family family)
    {
        var random = new Random(7);
        int shift = family == Family.Inet ? 96 : 64;
        return [.. Enumerable.Range(0, Count).Select(_ =>
            new Prefix(family, (UInt128)(ulong)random.NextInt64() << shift, random.Next(16, Prefix.MaxLength(family) + 1)))];
    }
}

using BenchmarkDotNet.Attributes;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Benchmarks;

/// <summary>Bulk work with a real kernel, in a network namespace of its own: time and allocation for one entry. Needs root.</summary>
[MemoryDiagnoser]
public class IpsetBenchmarks
{
    private const int Count = 100_000;

    private readonly IpsetPrefix[] _entries = [.. Enumerable.Range(0, Count).Select(i =>
        new IpsetPrefix(NetfilterFamily.Inet, (UInt128)(uint)(0x0a000000 + (i << 4)) << 96, 28))];

    private IpsetClient? _client;

    [GlobalSetup]
    public void Setup()
    {
        if (unshare(CLONE_NEWNET) != 0)
        {
            throw new InvalidOperationException("no namespace: run this as root, or through unshare -rn");
        }

        _client = IpsetClient.Open();
        _client.Create("added", IpsetType.HashNet, NetfilterFamily.Inet, IpsetCreateOptions.ForCount(Count));
        _client.Create("filled", IpsetType.HashNet, NetfilterFamily.Inet, IpsetCreateOptions.ForCount(Count) with { Revision = 7 });
        _client.Create("read", IpsetType.HashNet, NetfilterFamily.Inet, IpsetCreateOptions.ForCount(Count));
        _client.AddRange<IpsetPrefix>("read", _entries);
    }

    [GlobalCleanup]
    public void Cleanup() => _client?.Dispose();

    [IterationSetup(Target = nameof(BulkAdd))]
    public void Empty() => _client!.Flush("added");

    [Benchmark(OperationsPerInvoke = Count)]
    public void BulkAdd() => _client!.AddRange<IpsetPrefix>("added", _entries);

    [IterationSetup(Target = nameof(Fill))]
    public void EmptyFilled() => _client!.Flush("filled");

    [Benchmark(OperationsPerInvoke = Count)]
    public void Fill() => _client!.Fill<IpsetPrefix>("filled", _entries);

    [Benchmark(OperationsPerInvoke = Count)]
    public int Dump()
    {
        int bits = 0;
        _client!.ReadEntries("read", (in entry) => bits += entry.First.Length);
        return bits;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int DumpPrefixes()
    {
        int bits = 0;
        _client!.ReadPrefixes("read", (in prefix) => bits += prefix.Length, (in entry) => bits += entry.First.Length);
        return bits;
    }
}

using System.Text;
using BenchmarkDotNet.Attributes;
using DcosIsolation.Policy;

namespace DcosIsolation.Benchmarks;

/// <summary>A subnets file from its bytes to the network's sorted and merged prefixes: time and allocation for one line.</summary>
[MemoryDiagnoser]
public class SubnetsFileBenchmarks
{
    private const int Lines = 1_000_000;
    private const string Policy = "version: 1\nnetworks: {it: {subnets-file: it.txt}}\n";

    private byte[] _file = [];

    /// <summary>What the lines are: prefixes alone, or with a comment behind each, or ranges.</summary>
    [Params("IPv4", "IPv4 and comment", "IPv4 ranges", "IPv6")]
    public string Content { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(7);
        var text = new StringBuilder();
        for (int i = 0; i < Lines; i++)
        {
            var inet = new Prefix(Family.Inet, (UInt128)(uint)random.NextInt64(1L << 32) << 96, 24);
            text.Append(Content switch
            {
                "IPv4" => $"{inet}\n",
                "IPv4 and comment" => $"{inet} ; SBL256894\n",
                "IPv4 ranges" => $"{inet.Address}-{Prefix.From(inet.Address, 32).Address}\n",
                _ => $"{new Prefix(Family.Inet6, new UInt128((ulong)random.NextInt64(), 0), 64)}\n",
            });
        }

        _file = Encoding.UTF8.GetBytes(text.ToString());
    }

    [Benchmark(OperationsPerInvoke = Lines)]
    public IsolationPolicy Read() =>
        PolicyReader.Read("policy.yaml", Policy, _ => new MemoryStream(_file)).Policy ?? throw new InvalidOperationException("invalid");
}

using System.Globalization;
using BenchmarkDotNet.Attributes;
using DcosIsolation.Policy;

namespace DcosIsolation.Benchmarks;

/// <summary>From the text of a policy to its plan: pure code, no kernel.</summary>
[MemoryDiagnoser]
public class PolicyBenchmarks
{
    private static readonly LiveState s_empty = new([], []);

    private string _text = "";
    private IsolationPolicy _policy = null!;
    private DesiredState _desired = null!;

    [Params(10, 1000)]
    public int Networks { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        IEnumerable<string> networks = Enumerable.Range(0, Networks).Select(
            i => string.Create(CultureInfo.InvariantCulture, $"  n{i}: {{subnets: [10.{i >> 8}.{i & 255}.0/24, \"fd00:{i:x}::/32\"]}}\n"));
        IEnumerable<string> allow = Enumerable.Range(1, Networks - 1).Select(
            i => string.Create(CultureInfo.InvariantCulture, $"  - {{from: n{i}, to: n{i - 1}, ports: [443, 53/udp]}}\n"));
        _text = $"version: 1\nnetworks:\n{string.Concat(networks)}allow:\n{string.Concat(allow)}";
        _policy = Read();
        _desired = Compile();
    }

    [Benchmark]
    public IsolationPolicy Read() =>
        PolicyReader.Read("policy.yaml", _text, _ => throw new FileNotFoundException()).Policy ?? throw new InvalidOperationException("invalid");

    [Benchmark]
    public string Digest() => PolicyDigest.Compute(_policy);

    [Benchmark]
    public DesiredState Compile() => PolicyCompiler.Compile(_policy, "digest", KernelAbilities.All);

    [Benchmark]
    public Plan Plan() => Planner.Plan(_desired, s_empty);
}

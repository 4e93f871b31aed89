using System.Net.Sockets;
using DcosIsolation.Lab;
using DcosIsolation.Policy;
using DcosIsolation.Policy.Tests;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>
/// The same with real hosts, whose kernels make the connections and tell what became of them.
/// </summary>
public sealed class ConnectionTrafficTests(ITestOutputHelper output) : IDisposable
{
    private static readonly AddressFamily[] s_families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];
    private static readonly Traffic[] s_traffic = [Traffic.Tcp(80), Traffic.Tcp(81), Traffic.Udp(53)];

    private readonly TestNetwork _network = new();
    private readonly string _lockFile = Path.GetTempFileName();

    public void Dispose()
    {
        _network.Dispose();
        File.Delete(_lockFile);
    }

    [Fact]
    public void No_flip_breaks_or_makes_a_connection()
    {
        foreach (int host in new[] { 1, 2, 3 })
        {
            _network.AddHost($"h{host}", $"10.{host}.1.2/24", $"fd00:{host}:1::2/64").ListenTcp(80, 81).ListenUdp(53);
        }

        Scenario scenario = Scenarios.RealHosts;
        IsolationPolicy[] policies = [Scenario.Read(scenario.Before), Scenario.Read(scenario.After)];
        (TestHost From, System.Net.IPAddress To, Traffic Traffic, Fate Fate)[] probes =
        [
            .. from family in s_families
               from source in _network.Hosts
               from destination in _network.Hosts
               where source != destination
               from traffic in s_traffic
               let packet = Packet.Of($"{source.Address(family)}", $"{destination.Address(family)}", $"{traffic}")
               let fates = policies.Select(policy => Scenario.Fates(policy, [packet])[0]).Distinct().ToArray()
               where fates.Length == 1
               select (source, destination.Address(family), traffic, fates[0]),
        ];
        Assert.Contains(probes, probe => probe.Fate == Fate.Passes);
        Assert.Contains(probes, probe => probe.Fate == Fate.IsRefused);

        // More rounds where the flips get too little of a busy machine, but not for ever.
        const int FewestFlips = 10;
        int rounds = Scenarios.IsSlowKernel ? 5 : 40;
        int most = 100 * rounds;
        long sent = 0;
        int flips = 0;
        using var isApplied = new ManualResetEventSlim();
        bool isOver = false;
        using var flipping = new BackgroundThread(() => _network.Node.Run(() =>
        {
            using var flipper = new Flipper(_lockFile, new Dictionary<string, int>());
            DesiredState[] desired = [.. policies.Select(flipper.Compile)];
            for (; !Volatile.Read(ref isOver); flips++)
            {
                flipper.Apply(desired[flips & 1]);
                isApplied.Set();
            }
        }));
        var wrong = new List<string>();
        try
        {
            Assert.True(isApplied.Wait(TimeSpan.FromSeconds(30)), "the first policy takes too long");
            for (int round = 1; round <= rounds || (Volatile.Read(ref flips) < FewestFlips && round <= most); round++)
            {
                sent += probes.Length;
                ProbeResult[] results =
                    Probe.SendAll([.. probes.Select(probe => (probe.From, probe.To, probe.Traffic))], TimeSpan.FromSeconds(10));
                wrong.AddRange(
                    from pair in probes.Zip(results, (probe, result) => (Expected: probe.Fate, Result: result))
                    where pair.Result.Outcome != (pair.Expected == Fate.Passes ? Outcome.Reached : Outcome.Rejected)
                    select $"round {round}, about flip {flips}: {pair.Result}");
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        flipping.Join();
        output.WriteLine($"{sent} connections and datagrams during {flips} flips");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(10)));
        Assert.InRange(flips, FewestFlips, int.MaxValue);
    }
}

using System.Diagnostics;
using System.Globalization;
using DcosIsolation.Lab;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>
/// An apply killed at any moment leaves each family with the whole old policy or the whole new one, and the next apply cleans up.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 200;

    private readonly TestNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public void Every_kill_leaves_a_whole_policy()
    {
        TestHost a = _network.AddHost("a", "10.1.1.2/24", "fd00:1:0:1::2/64").ListenTcp(80, 81);
        TestHost b = _network.AddHost("b", "10.2.1.2/24", "fd00:2:0:1::2/64").ListenTcp(80, 81);
        using var node = new Node(_network.Node);
        var policies = new TwoPolicies(node);
        var random = new Random(1);
        long start = Stopwatch.GetTimestamp();
        node.Run("apply", policies.Paths[0]).EnsureSuccess();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int current = 0;
        for (int kill = 1; kill <= Kills; kill++)
        {
            int target = 1 - current;
            string delay = (seconds * (0.5 + random.NextDouble())).ToString("0.0000", CultureInfo.InvariantCulture);
            ProgramResult result = node.RunFor(delay, "apply", policies.Paths[target]);

            (int[] found, bool leftovers) = policies.Find();
            string outcome = result.ExitCode == 0 ? "completed" : found[0] != found[1] ? "one family" : found[0] == target ? "new" : "old";
            outcome += leftovers ? " with leftovers" : "";
            // Around the middle of an apply, wherever that is while the machine does other things too.
            seconds *= outcome switch { "completed" => 0.95, "old" => 1.05, _ => 1 };
            counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
            current = found[0];
            if (kill % 10 == 0)
            {
                policies.AssertInForce(found);
                TwoPolicies.AssertPackets(a, b, found);
            }

            if (kill % 20 == 0)
            {
                policies.AssertRecovers(target);
                current = target;
            }
        }

        string summary = string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"));
        output.WriteLine($"{Kills} kills, the last ones after some {seconds * 1000:0} ms: {summary}");
        Assert.True(counts.Where(count => count.Key is not ("completed" or "old")).Sum(count => count.Value) >= Kills / 20, summary);

        node.Run("remove").EnsureSuccess();
        Assert.Empty(node.SetNames());
        Assert.DoesNotContain("dcos", node.Rules(isInet6: false) + node.Rules(isInet6: true), StringComparison.Ordinal);
    }
}

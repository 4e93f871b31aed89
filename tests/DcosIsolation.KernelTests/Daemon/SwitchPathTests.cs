using System.Diagnostics;
using System.Globalization;
using DcosIsolation.Lab;
using DcosIsolation.Netlink.Ipset;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Sets that change in place or by SWAP, and sets that somebody's dump pins meanwhile.</summary>
public sealed class SwitchPathTests(ITestOutputHelper output) : IDisposable
{
    private const int Many = 100_000;
    private const int Few = 3_000;
    private const int Kills = 12;

    private readonly Node _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void One_percent_of_a_large_network_changes_in_place_and_what_refers_to_it_stays()
    {
        string policy = Policy(Enumerable.Range(0, Many));
        _node.Run("apply", policy).EnsureSuccess();
        _node.Reference("iptables-legacy -A INPUT -m set --match-set dcos-net-a src -j ACCEPT");
        ushort? index = Index("dcos-net-a");
        string[] names = _node.SetNames();

        int[] gone = [.. Enumerable.Range(0, Many / 100).Select(i => i * 7)];
        Policy(Enumerable.Range(0, Many).Except(gone).Concat(Enumerable.Range(Many, Many / 100)));
        ProgramResult plan = _node.Run("plan", policy);
        Assert.Contains("~ set dcos-net-a hash:net: 1000 added, 1000 removed, in place\n", plan.Output, StringComparison.Ordinal);
        Assert.Contains(
            "IPv4: in place, since 2000 changes to 100000 entries of dcos-net-a, whose addresses are in no other network\n",
            plan.Output,
            StringComparison.Ordinal);

        ProgramResult applied = _node.Run("apply", policy).EnsureSuccess();
        Assert.StartsWith("applied: 0 sets made with 0 entries, 0 destroyed; in place 1000 entries added, 1000 removed\n", applied.Output, StringComparison.Ordinal);
        Assert.Empty(applied.Error);

        Assert.Equal(index, Index("dcos-net-a"));
        Assert.Equal(names, _node.SetNames());
        string[] entries = Entries("dcos-net-a");
        Assert.Equal(Many, entries.Length);
        Assert.Contains(Subnet(Many), entries);
        Assert.DoesNotContain(Subnet(gone[1]), entries);
        Assert.StartsWith("nothing to do", _node.Run("apply", policy).EnsureSuccess().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_that_grows_alone_is_exchanged_and_foreign_rules_follow()
    {
        string policy = Policy(Enumerable.Range(0, Few));
        _node.Run("apply", policy).EnsureSuccess();
        _node.Reference("iptables-legacy -A INPUT -m set --match-set dcos-net-a src -j ACCEPT");
        ushort? index = Index("dcos-net-a");
        string[] names = _node.SetNames();

        Policy(Enumerable.Range(0, Few + 1));
        Assert.Contains("~ set dcos-net-a hash:net: 1 added, 0 removed, by SWAP\n", _node.Run("plan", policy).Output, StringComparison.Ordinal);
        Assert.Empty(_node.Run("apply", policy).EnsureSuccess().Error);

        Assert.Equal(index, Index("dcos-net-a"));
        Assert.Equal(names, _node.SetNames());
        Assert.Contains(Subnet(Few), Entries("dcos-net-a"));
        Assert.Contains("-A INPUT -m set --match-set dcos-net-a src -j ACCEPT", _node.Rules(isInet6: false), StringComparison.Ordinal);
        Assert.Equal(0, _node.Run("plan", policy).ExitCode);
    }

    [Fact]
    public void A_stalled_dump_of_the_old_generation_is_told_and_the_next_run_cleans_up()
    {
        string policy = Policy(Enumerable.Range(0, Few));
        _node.Run("apply", policy).EnsureSuccess();
        using (var dump = _node.Space.Run(() => new StalledDump("dcos-net-a")))
        {
            Policy(Enumerable.Range(Few, Few));
            ProgramResult applied = _node.Run("apply", policy).EnsureSuccess();
            Assert.Contains(
                "cannot destroy the set dcos-net-a: a rule, a list or a dump uses it "
                + "(a dump of it that somebody began and has not read to its end, such as a stalled ipset list); "
                + "nothing of the policy uses it, and the next apply takes it away",
                applied.Error,
                StringComparison.Ordinal);
            Assert.Contains("dcos-net-a+", _node.SetNames());

            // The next switch goes on with a third name.
            Policy(Enumerable.Range(2 * Few, Few));
            _node.Run("apply", policy).EnsureSuccess();
            Assert.Contains("dcos-net-a", _node.SetNames());
            Assert.Contains("dcos-net-a=", _node.SetNames());
            Assert.DoesNotContain("dcos-net-a+", _node.SetNames());
        }

        ProgramResult next = _node.Run("apply", policy).EnsureSuccess();
        Assert.Empty(next.Error);
        Assert.DoesNotContain("dcos-net-a", _node.SetNames());
        Assert.Equal(0, _node.Run("plan", policy).ExitCode);
        _node.Run("remove").EnsureSuccess();
        Assert.Empty(_node.SetNames());
    }

    [Fact]
    public void Where_a_stalled_dump_pins_the_set_to_exchange_a_new_generation_is_built()
    {
        string policy = Policy(Enumerable.Range(0, Few));
        _node.Run("apply", policy).EnsureSuccess();
        using (var dump = _node.Space.Run(() => new StalledDump("dcos-net-a")))
        {
            Policy(Enumerable.Range(0, Few + 1));
            ProgramResult applied = _node.Run("apply", policy).EnsureSuccess();
            Assert.Contains("somebody's dump of dcos-net-a has not been read to its end; a new generation is built instead", applied.Error, StringComparison.Ordinal);
            Assert.Contains(Subnet(Few), Entries("dcos-net-a+"));
        }

        _node.Run("apply", policy).EnsureSuccess();
        Assert.DoesNotContain("dcos-net-a", _node.SetNames());
    }

    [Fact]
    public void Killed_in_the_middle_a_network_has_what_both_policies_give_it_and_the_next_run_completes()
    {
        int[][] halves = [[.. Enumerable.Range(0, Many)], [.. Enumerable.Range(Many / 10, Many)]];
        string[] paths = [.. halves.Select((numbers, i) => Policy(numbers, $"{i}"))];
        _node.Run("apply", paths[0]).EnsureSuccess();
        long start = Stopwatch.GetTimestamp();
        _node.Run("apply", paths[1]).EnsureSuccess();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int current = 1;
        HashSet<string> both = [.. halves[0].Intersect(halves[1]).Select(Subnet)];
        HashSet<string> either = [.. halves[0].Union(halves[1]).Select(Subnet)];
        var random = new Random(2);
        int mixed = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            string delay = (seconds * (0.7 + (0.6 * random.NextDouble()))).ToString("0.0000", CultureInfo.InvariantCulture);
            bool isDone = _node.RunFor(delay, "apply", paths[1 - current]).ExitCode == 0;
            current = isDone ? 1 - current : current;
            seconds *= isDone ? 0.93 : 1.05;
            HashSet<string> found = [.. Entries("dcos-net-a")];
            Assert.Subset(either, found);
            Assert.Superset(both, found);
            mixed += found.Count < Many ? 1 : 0;
        }

        output.WriteLine($"{Kills} kills, {mixed} in the middle of a switch");
        _node.Run("apply", paths[1]).EnsureSuccess();
        Assert.Equal(halves[1].Select(Subnet).Order(StringComparer.Ordinal), Entries("dcos-net-a").Order(StringComparer.Ordinal));
        Assert.Equal(0, _node.Run("plan", paths[1]).ExitCode);
    }

    // Every other /24, so that none can be merged.
    private static string Subnet(int number) => $"{20 + (number >> 15)}.{(number >> 7) & 255}.{(number << 1) & 255}.0/24";

    // Networks too large for sets of pairs: the rules ask their sets.
    private string Policy(IEnumerable<int> numbers, string name = "policy")
    {
        _node.Write($"{name}.txt", string.Concat(numbers.Select(number => Subnet(number) + "\n")));
        return _node.Write(
            $"{name}.yaml",
            $$"""
            version: 1
            networks:
              a: {subnets-file: {{name}}.txt}
              b: {subnets: [{{string.Join(", ", Enumerable.Range(0, 40).Select(i => $"10.{i}.0.0/17"))}}]}
            allow:
              - {from: b, to: a, ports: [80]}

            """);
    }

    private ushort? Index(string set) => _node.Space.Run(() =>
    {
        using IpsetClient ipset = IpsetClient.Open();
        return ipset.GetIndex(set);
    });

    private string[] Entries(string set) =>
    [
        .. _node.Space.Exec("ipset", "save", set).EnsureSuccess().Output.Split('\n')
            .Where(line => line.StartsWith("add ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[2]),
    ];
}

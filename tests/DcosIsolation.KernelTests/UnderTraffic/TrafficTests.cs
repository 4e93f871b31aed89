using DcosIsolation.Policy;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>
/// While policies flip, packets that both policies let through always pass, and packets that both refuse never do; and the checker sees it
/// when a flip is not atomic.
/// </summary>
public sealed class TrafficTests(ITestOutputHelper output)
{
    private const int NaiveFlips = 20_000;

    public static TheoryData<string> Names => [.. Scenarios.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_flip_shows_a_wrong_verdict(string name)
    {
        Scenario scenario = Scenarios.All.Single(scenario => scenario.Name == name);
        int flips = Scenarios.FlipsOf(scenario);
        int probes = Scenarios.Probes;
        using var traffic = new FlipsUnderTraffic(scenario, (flipper, desired) => flipper.Apply(desired));
        // Probes at full speed would hold up the flips, and many tracked ones would fill the kernel's table of connections.
        int probesPerFlip = (scenario.IsTracked ? 1 : 4) * ((probes / flips) + 1);
        traffic.Run(() => traffic.Flips >= flips && traffic.Probes >= probes, probesPerFlip);

        output.WriteLine($"{scenario}: {traffic}");
        Assert.True(traffic.Wrong == 0, traffic.Description);
        Assert.InRange(traffic.Flips, flips, int.MaxValue);
        if (scenario.Path is { } path)
        {
            Assert.Equal([$"{path}"], traffic.Paths);
        }

        Assert.InRange(traffic.Probes, probes, long.MaxValue);
    }

    [Fact]
    public void Flips_and_probes_are_as_many_as_promised()
    {
        // 10,000 and 1,000,000 on both kernels together.
        (int flips, int probes) = Scenarios.IsSlowKernel ? (2_000, 150_000) : (8_000, 850_000);
        Assert.InRange(Scenarios.All.Sum(Scenarios.FlipsOf), flips, int.MaxValue);
        Assert.InRange((long)Scenarios.All.Length * Scenarios.Probes, probes, long.MaxValue);
    }

    [Fact]
    public void A_flush_and_refill_shows_wrong_verdicts() =>
        AssertCaught(Scenarios.OneSetOfThousand, (flipper, desired) => flipper.FlushAndRefill(desired));

    [Fact]
    public void Swaps_set_by_set_show_wrong_verdicts() =>
        AssertCaught(Scenarios.MovingAddresses, (flipper, desired) => flipper.SwapSetBySet(desired));

    [SkippableFact]
    public void A_pair_swapped_from_one_set_to_another_shows_wrong_verdicts()
    {
        using (var ipset = Netlink.Ipset.IpsetClient.Open())
        {
            Skip.If(
                ipset.GetRevisions(Netlink.Ipset.IpsetType.HashNetPortNet, Netlink.NetfilterFamily.Inet) is null,
                "the kernel lacks hash:net,port,net, so that no pair is an entry");
        }

        AssertCaught(Scenarios.MovingPair, (flipper, desired) => flipper.SwapSetBySet(desired));
    }

    private void AssertCaught(Scenario scenario, Action<Flipper, DesiredState> naively)
    {
        using var traffic = new FlipsUnderTraffic(scenario, naively);
        traffic.Run(() => traffic.Wrong > 0 || traffic.Flips >= NaiveFlips);
        output.WriteLine($"{scenario}, done naively: {traffic}\n{traffic.Description}");
        Assert.True(traffic.Wrong > 0, $"{traffic.Flips} flips that were not atomic went unnoticed");
    }
}

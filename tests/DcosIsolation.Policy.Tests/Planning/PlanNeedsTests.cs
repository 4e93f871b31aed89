using Xunit;

namespace DcosIsolation.Policy.Tests.Planning;

public sealed class PlanNeedsTests
{
    private static readonly Plan s_nothing = new([], [], [], [], [], []);

    [Theory]
    [InlineData(0, 64 * 8, 64 * 8)]
    [InlineData(1, 64 * 8, 64 * 8 + 64)]
    [InlineData(100_000, 3_200_000, 4_000_000)]
    [InlineData(600_000, 27_100_000, 30_000_000)]
    [InlineData(1_000_000, 33_500_000, 36_500_000)]
    public void A_set_takes_what_was_measured(int count, long atLeast, long atMost) =>
        Assert.InRange(SetMemory.BytesOf("hash:net", Family.Inet, count) - 4096, atLeast, atMost);

    [Fact]
    public void Larger_entries_take_more() => Assert.Equal(
        ["hash:net", "hash:net,net", "hash:net,port,net"],
        new[] { "hash:net,port,net", "hash:net", "hash:net,net" }.OrderBy(type => SetMemory.BytesOf(type, Family.Inet6, 10_000)));

    [Fact]
    public void Memory_grows_with_the_count()
    {
        long before = 0;
        for (long count = 0; count < 10_000_000; count += 99_991)
        {
            long bytes = SetMemory.BytesOf("hash:net", Family.Inet, count);
            Assert.True(bytes > before, $"{count}: {bytes} after {before}");
            before = bytes;
        }
    }

    [Fact]
    public void There_is_no_such_type() => Assert.Throws<ArgumentException>(() => SetMemory.BytesOf("hash:ip", Family.Inet, 1));

    [Fact]
    public void Old_and_new_sets_stand_side_by_side()
    {
        NetSet small = Set("dcos-net-a", 10);
        NetSet large = Set("dcos-net-a+", 1000);
        NetSet leftover = Set("dcos-net-b", 500);
        var live = new LiveState([Live(small), Live(leftover), new LiveSet("dcos-net-c", "hash:ip", null, 0, 9, 9)], []);
        Plan plan = s_nothing with { Create = [large], Discard = ["dcos-net-b"] };

        PlanNeeds needs = PlanNeeds.Of(plan, live);

        Assert.Equal(1000, needs.NewEntries);
        Assert.Equal(SetMemory.BytesOf(large), needs.NewBytes);
        Assert.Equal(1010, needs.PeakEntries);
        Assert.Equal(SetMemory.BytesOf(large) + SetMemory.BytesOf(small), needs.PeakBytes);
    }

    [Fact]
    public void A_plan_that_makes_nothing_needs_nothing() => Assert.Equal(0, PlanNeeds.Of(s_nothing, new LiveState([Live(Set("dcos-net-a", 10))], [])).NewBytes);

    private static NetSet Set(string name, int count) =>
        new(name, Family.Inet, [.. Enumerable.Range(1, count).Select(i => new Prefix(Family.Inet, (UInt128)i << 96, 32))]);

    private static LiveSet Live(NetSet set) => new(set.Name, set.TypeName, set, 1, 65536, 1);
}

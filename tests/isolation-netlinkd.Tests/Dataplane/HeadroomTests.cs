using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Dataplane;

public sealed class HeadroomTests
{
    private static readonly FreeMemory s_free = new(100 << 20, 1 << 30, "the cgroup /a");

    [Theory]
    [InlineData(null, null)]
    [InlineData(15L, 3L << 20)]
    public void What_fits_passes(long? maxEntries, long? maxBytes) =>
        Headroom.Check(new PlanNeeds(10, 2 << 20, 15, 3 << 20), new SwitchLimits(maxEntries, maxBytes), s_free);

    [Fact]
    public void A_plan_that_makes_nothing_always_fits() =>
        Headroom.Check(new PlanNeeds(0, 0, 15, 3 << 20), new SwitchLimits(1, 1), s_free with { Bytes = 0 });

    [Fact]
    public void Too_many_entries_are_refused_with_the_figures() => AssertRefused(
        "the switch needs 10 new entries with 2 MiB of kernel memory, and 15 entries of old and new sets at a time; "
        + "--max-entries allows 14: nothing was changed",
        new PlanNeeds(10, 2 << 20, 15, 3 << 20),
        new SwitchLimits(14, null));

    [Fact]
    public void Too_much_memory_is_refused_with_the_figures() => AssertRefused(
        "the switch needs 10 new entries with 2 MiB of kernel memory, and 3 MiB for old and new sets at a time; "
        + "--max-memory allows 2.5 MiB: nothing was changed",
        new PlanNeeds(10, 2 << 20, 15, 3 << 20),
        new SwitchLimits(null, (5 << 20) / 2));

    [Fact]
    public void More_than_the_cgroup_has_is_refused_with_the_figures() => AssertRefused(
        "the switch needs 1 new entry with 84.5 MiB of kernel memory, and 16 MiB for this process; the cgroup /a has 100 MiB left of 1 GiB: "
        + "raise the limit or shorten the policy; nothing was changed",
        new PlanNeeds(1, 169 << 19, 15, 3 << 20),
        default);

    private static void AssertRefused(string message, PlanNeeds needs, SwitchLimits limits) =>
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => Headroom.Check(needs, limits, s_free)).Message);
}

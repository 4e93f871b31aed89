using Xunit;

namespace DcosIsolation.Policy.Tests;

public class DriftTests
{
    private static readonly LiveRule s_foreign = new(null, "-j ACCEPT", 0, 0);

    [Fact]
    public void What_is_as_desired_has_not_drifted() => Assert.Empty(Found(_ => { }));

    [Fact]
    public void What_else_is_there_or_missing_is_named()
    {
        Expect("jump-missing: no rule of FORWARD of IPv4 jumps to dcos-isolation", family => family with { Jumps = [] });
        Expect(
            "jump-not-first: a rule stands before the jump to dcos-isolation in FORWARD of IPv4",
            family => family with { Jumps = [family.Jumps[0] with { Position = 1 }] });
        Expect(
            "jump-not-first: 2 rules stand before the jump to dcos-isolation in FORWARD of IPv4",
            family => family with { Jumps = [family.Jumps[0] with { Position = 2 }] });
        Expect(
            "jump-changed: 2 rules of FORWARD of IPv4 jump to dcos-isolation",
            family => family with { Jumps = [family.Jumps[0], new LiveJump(4, s_foreign)] });
        Expect(
            "jump-changed: the jump to dcos-isolation in FORWARD of IPv4 is another rule",
            family => family with { Jumps = [new LiveJump(0, s_foreign)] });
        Expect("chain-missing: the chain dcos-isolation of IPv4 is gone", family => family with { HasChain = false, Chain = [], Jumps = [] });
        Expect(
            "chain-changed: the chain dcos-isolation of IPv4 lacks 3 of its rules, has 0 others, and 0 out of their order",
            family => family with { Chain = [] });
        Expect(
            "chain-changed: the chain dcos-isolation of IPv4 lacks 0 of its rules, has 1 others, and 0 out of their order",
            family => family with { Chain = [s_foreign, .. family.Chain] });
        Expect(
            "chain-changed: the chain dcos-isolation of IPv4 lacks 0 of its rules, has 0 others, and 1 out of their order",
            family => family with { Chain = [family.Chain[1], family.Chain[0], .. family.Chain[2..]] });
    }

    [Fact]
    public void Sets_with_other_entries_are_named_and_the_generation_that_the_repair_makes_is_not()
    {
        Assert.Equal(
            ["entries-changed: the set dcos-net-a lacks 1 entry and has 2 entries too many"],
            Found(kernel => kernel.Change("dcos-net-a", set => set with
            {
                Content = ((NetSet)set.Content!) with { Entries = [Prefix("11.0.0.0/8"), Prefix("12.0.0.0/8")] },
            })));
        Assert.Equal(
            ["set-unused: nothing needs the set dcos-net-old"],
            Found(kernel => kernel.Sets.Add("dcos-net-old", kernel.Sets["dcos-net-a"] with { Name = "dcos-net-old" })));
    }

    [Fact]
    public void A_set_without_room_is_built_anew()
    {
        Assert.Contains(
            "entries-changed: the set dcos-net-a is to be built anew",
            Found(kernel => kernel.Change("dcos-net-a", set => set with { MaxElem = 0 })));
    }

    private static void Expect(string found, Func<LiveFamily, LiveFamily> change) =>
        Assert.Equal([found], Found(kernel => kernel.Change(Family.Inet, change)));

    private static string[] Found(Action<KernelModel> change)
    {
        DesiredState desired = Small();
        KernelModel kernel = KernelModel.With(desired);
        change(kernel);
        return [.. Drift.Between(kernel.Read(), kernel.Plan(desired)).Select(drift => $"{drift.KindText}: {drift.What}")];
    }

    private static DesiredState Small() => new PolicyBuilder().Net("a", "10.0.0.0/8").Compile();

    private static Prefix Prefix(string text) => PolicyBuilder.Prefix(text);
}

using Xunit;

namespace DcosIsolation.Policy.Tests;

public class StateDigestTests
{
    [Fact]
    public void The_digest_is_the_same_on_every_run_and_machine() => Assert.Equal(
        "bff4afbe58085ce4f8f7b964c899b4610dde2d56d4bfee93d2c1f7d1a4995d45",
        StateDigest.Of(PolicyBuilder.HrIt().Compile()));

    [Fact]
    public void The_policys_digest_is_no_part_of_it() => Assert.Equal(
        StateDigest.Of(PolicyBuilder.HrIt().Compile(digest: "d1")),
        StateDigest.Of(PolicyBuilder.HrIt().Compile(digest: "d2")));

    [Fact]
    public void Slots_and_leftovers_are_no_part_of_it()
    {
        KernelModel kernel = KernelModel.With(PolicyBuilder.HrIt().Compile());
        kernel.Apply(PolicyBuilder.HrIt().Net("hr", "172.16.0.0/12").Compile());
        kernel.Sets.Add("dcos-net-old", new LiveSet("dcos-net-old", "hash:net", new NetSet("dcos-net-old", Family.Inet, []), 0, 1, 0));
        Assert.Contains("dcos-net-hr+", kernel.Sets.Keys);
        Assert.Equal(StateDigest.Of(PolicyBuilder.HrIt().Net("hr", "172.16.0.0/12").Compile()), StateDigest.Of(kernel.Read()));
    }

    [Theory]
    [InlineData("dcos-net-hr")]
    [InlineData("dcos-complex-allowed")]
    [InlineData("dcos-simple-allowed6")]
    [InlineData("dcos-overlays")]
    public void A_changed_set_changes_it(string name)
    {
        DesiredState desired = PolicyBuilder.HrIt().Compile();
        KernelModel kernel = KernelModel.With(desired);
        kernel.Change(name, set => set with
        {
            Content = set.Content switch
            {
                NetSet net => net with { Entries = [PolicyBuilder.Prefix("192.168.0.0/17")] },
                NetNetSet net => net with { Entries = [] },
                NetPortNetSet net => net with { Entries = [net.Entries[0] with { Port = 81 }] },
                ListSet list => list with { Entries = list.Entries.RemoveAt(0) },
                _ => null,
            },
        });
        Assert.NotEqual(StateDigest.Of(desired), StateDigest.Of(kernel.Read()));
    }

    [Fact]
    public void An_unreadable_set_and_a_foreign_or_missing_rule_change_it()
    {
        DesiredState desired = PolicyBuilder.HrIt().Compile();
        KernelModel unreadable = KernelModel.With(desired);
        unreadable.Change("dcos-net-hr", set => set with { Content = null });
        KernelModel longer = KernelModel.With(desired);
        longer.Change(Family.Inet, family => family with { Chain = family.Chain.Insert(0, new LiveRule(null, "-j LOG", 0, 0)) });
        KernelModel shorter = KernelModel.With(desired);
        shorter.Change(Family.Inet6, family => family with { Chain = family.Chain.RemoveAt(0) });
        KernelModel[] drifted = [unreadable, longer, shorter];
        Assert.Equal(4, drifted.Select(kernel => StateDigest.Of(kernel.Read())).Append(StateDigest.Of(desired)).Distinct().Count());
    }
}

using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests;

/// <summary>What is in force, as a state to go back to.</summary>
public class InForceStateTests
{
    private static readonly Gen<DesiredState> s_states = Gen.Select(
        Gen.Frequency((3, PolicyGen.Policies), (1, PolicyGen.WidePolicies)),
        Gen.Frequency((3, Gen.Const(KernelAbilities.All)), (1, Gen.Const(new KernelAbilities(false, false, false)))),
        Gen.Int[0, 3],
        (policy, abilities, digest) => PolicyCompiler.Compile(policy, $"d{digest}", abilities));

    [Fact]
    public void The_kernel_is_already_as_it_says_and_comes_back_to_it_from_anywhere() => Gen.Select(s_states, s_states, s_states).Sample(
        (first, before, after) =>
        {
            // A generation before, so that names of the second and third slot occur.
            KernelModel kernel = KernelModel.With(first);
            kernel.Apply(before);
            string digest = StateDigest.Of(kernel.Read());
            DesiredState state = Taken(kernel);
            Assert.True(kernel.Plan(state).IsEmpty);
            Assert.Equal(digest, StateDigest.Of(state));
            Assert.Equal(before.PolicyDigest, state.PolicyDigest);

            kernel.Apply(after);
            kernel.Apply(PendingFormat.Read(PendingFormat.Write(PendingFormatTests.Pending(state))).Before);
            Assert.Equal(digest, StateDigest.Of(kernel.Read()));
            Assert.All([Family.Inet, Family.Inet6], family => Assert.Equal(KernelModel.InForce(before, family), kernel.InForce(family)));
            Assert.True(kernel.Plan(before).IsEmpty);
        },
        iter: 1000);

    [Fact]
    public void Nothing_in_force_is_a_state_too()
    {
        var kernel = new KernelModel();
        DesiredState state = Taken(kernel);
        Assert.True(kernel.Plan(state).IsEmpty);
        Assert.Empty(state.Families);
        Assert.Equal("", state.PolicyDigest);

        kernel.Apply(PolicyBuilder.HrIt().Compile());
        kernel.Apply(state);
        Assert.Empty(kernel.Sets);
        Assert.Empty(kernel.Families);
    }

    [Fact]
    public void A_rule_that_someone_added_as_text_is_part_of_it()
    {
        KernelModel kernel = KernelModel.With(PolicyBuilder.HrIt().Compile());
        var foreign = new Rule { Text = "-p sctp -j ACCEPT", Target = RuleTarget.Text };
        kernel.Change(Family.Inet, family => family with { Chain = family.Chain.Add(new LiveRule(foreign, foreign.Text, 0, 0)) });
        string digest = StateDigest.Of(kernel.Read());
        DesiredState state = Taken(kernel);
        Assert.True(kernel.Plan(state).IsEmpty);

        kernel.Apply(PolicyBuilder.HrIt().Net("hr", "10.0.0.0/8").Compile());
        kernel.Apply(state);
        Assert.Equal(digest, StateDigest.Of(kernel.Read()));
    }

    [Fact]
    public void What_cannot_be_put_back_exactly_is_refused_by_name()
    {
        AssertRefused("holds a rule that cannot be read: -j STRANGE", family => family with { Chain = family.Chain.Add(new LiveRule(null, "-j STRANGE", 0, 0)) });
        AssertRefused("no rule of FORWARD of IPv4 jumps to", family => family with { Jumps = [] });
        AssertRefused("2 rules of FORWARD of IPv4 jump to", family => family with { Jumps = [.. family.Jumps, family.Jumps[0] with { Position = 4 }] });
        AssertRefused("rule 3 of FORWARD of IPv4 jumps to", family => family with { Jumps = [family.Jumps[0] with { Position = 2 }] });
        AssertRefused("the chain dcos-isolation of IPv4 is empty", family => family with { Chain = [] });
        AssertRefused(
            "the set dcos-net-hr is in use and is none that the project makes",
            family => family,
            kernel => kernel.Change("dcos-net-hr", set => set with { Content = null }));
        AssertRefused(
            "the list dcos-overlays has a member that is no set of the project's",
            family => family,
            kernel => kernel.Change("dcos-overlays", set => set with { Content = new ListSet(set.Name, Family.Inet, [new ListEntry("blocked", null)]) }));
        AssertRefused(
            "dcos-net-hr and dcos-net-hr+ are two generations of one set",
            family => family with
            {
                Chain = family.Chain.Insert(0, Live(new Rule { Sets = [new("dcos-net-hr+", SetDirections.Source)], Target = RuleTarget.Return })),
            },
            kernel => kernel.Sets.Add("dcos-net-hr+", new LiveSet("dcos-net-hr+", "hash:net", new NetSet("dcos-net-hr+", Family.Inet, []), 1, 8, 0)));
    }

    private static void AssertRefused(string why, Func<LiveFamily, LiveFamily> change, Action<KernelModel>? more = null)
    {
        KernelModel kernel = KernelModel.With(PolicyBuilder.HrIt().Compile());
        kernel.Change(Family.Inet, change);
        more?.Invoke(kernel);
        Assert.False(InForceState.TryOf(kernel.Read(), out DesiredState? state, out string? whyNot));
        Assert.Null(state);
        Assert.Contains(why, whyNot, StringComparison.Ordinal);
    }

    private static LiveRule Live(Rule rule) => new(rule, rule.ToString(), 0, 0);

    private static DesiredState Taken(KernelModel kernel)
    {
        Assert.True(InForceState.TryOf(kernel.Read(), out DesiredState? state, out string? whyNot), whyNot);
        return state;
    }
}

using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests;

public class SwitchTests
{
    private static readonly Gen<DesiredState> s_states = Gen.Select(
        Gen.Frequency((3, PolicyGen.Policies), (1, PolicyGen.WidePolicies)),
        Gen.Frequency(
            (4, Gen.Const(KernelAbilities.All)),
            (1, Gen.Const(new KernelAbilities(false, false, true))),
            (1, Gen.Const(new KernelAbilities(true, true, false)))),
        Gen.Int[0, 3],
        (policy, abilities, digest) => PolicyCompiler.Compile(policy, $"d{digest}", abilities));

    [Fact]
    public void Whenever_the_process_dies_each_family_has_the_old_policy_or_the_new_one_and_the_next_run_cleans_up() =>
        Gen.Select(s_states, s_states, s_states, Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 2]).Sample(
            (first, second, third, firstCut, secondCut, last) =>
            {
                var kernel = KernelModel.With(first);
                AssertHolds(kernel, first);
                Interrupt(kernel, second, firstCut);
                Interrupt(kernel, third, secondCut);
                DesiredState final = last == 0 ? first : last == 1 ? second : third;
                kernel.Apply(final);
                AssertHolds(kernel, final);
                kernel.Run(Planner.PlanRemoval(kernel.Read()));
                Assert.Empty(kernel.Sets);
                Assert.Empty(kernel.Families);
            },
            iter: 1000);

    private static void Interrupt(KernelModel kernel, DesiredState desired, int cut)
    {
        Family[] families = [Family.Inet, Family.Inet6];
        Dictionary<Family, string> before = families.ToDictionary(family => family, kernel.InForce);
        List<Action> steps = kernel.StepsOf(Planner.Plan(desired, kernel.Read()));
        foreach (Action step in steps.Take(cut % (steps.Count + 1)))
        {
            step();
            foreach ((Family family, string old) in before)
            {
                string now = kernel.InForce(family);
                Assert.True(now == old || now == KernelModel.InForce(desired, family), now);
            }
        }
    }

    private static void AssertHolds(KernelModel kernel, DesiredState desired)
    {
        LiveState live = kernel.Read();
        Plan again = Planner.Plan(desired, live);
        Assert.True(again.IsEmpty);
        Assert.Empty(again.Sets);
        Assert.Empty(again.Notices);
        Assert.Equal(desired.Families.Sum(family => family.Sets.Length), kernel.Sets.Count);
        Assert.Equal(StateDigest.Of(desired), StateDigest.Of(live));
        foreach (FamilyState family in desired.Families)
        {
            Assert.Equal(KernelModel.InForce(desired, family.Family), kernel.InForce(family.Family));
        }
    }
}

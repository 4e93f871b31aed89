using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests;

public class VerdictTests
{
    private static readonly Gen<KernelAbilities> s_abilities =
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, (netNet, netPortNet, list) => new KernelAbilities(netNet, netPortNet, list));

    [Fact]
    public void Packets_meet_the_documented_verdict_on_every_kernel() => Check(PolicyGen.Policies);

    [Fact]
    public void Packets_meet_the_documented_verdict_under_many_networks() => Check(PolicyGen.WidePolicies);

    private static void Check(Gen<IsolationPolicy> policies) =>
        Gen.Select(policies, s_abilities, PolicyGen.Packets.Array[40]).Sample(
            (policy, abilities, packets) =>
            {
                DesiredState state = PolicyCompiler.Compile(policy, "d", abilities);
                Assert.Distinct(state.Families.SelectMany(family => family.Sets).Select(set => set.Name));
                foreach (Packet packet in packets)
                {
                    Assert.Equal(SlowModel.Judge(policy, packet), RuleMachine.Run(state, packet));
                }
            },
            iter: 2000,
            print: sample => Print(sample.Item1, sample.Item2, sample.Item3));

    private static string Print(IsolationPolicy policy, KernelAbilities abilities, Packet[] packets) =>
        $"{abilities}\n{string.Join('\n', packets)}\n{StateText.Of(PolicyCompiler.Compile(policy, "d", abilities))}";
}

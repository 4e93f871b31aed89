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

    [Fact]
    public void Packets_meet_the_documented_verdict_when_everything_is_entries() =>
        Check(PolicyGen.Policies, EncodingCosts.Entries);

    [Fact]
    public void Packets_meet_the_documented_verdict_when_everything_is_rules() =>
        Check(PolicyGen.WidePolicies, EncodingCosts.Rules);

    [Fact]
    public void Packets_meet_the_documented_verdict_when_one_policy_has_both_encodings()
    {
        // Every length costs much: what has few is entries, what has more is rules.
        EncodingCost cost = EncodingCost.Default with { CombinationNs = 60, MaxEntries = 40 };
        (int Both, int Lengths, int Full) seen = (0, 0, 0);
        Check(PolicyGen.Policies, cost, state =>
        {
            EncodingChoice[] choices = [.. state.Families.SelectMany(family => family.Choices)];
            bool hasLengths = choices.Any(choice => choice.Reason == EncodingReason.PrefixLengths);
            bool isFull = choices.Any(choice => choice.Reason == EncodingReason.SetFull);
            Interlocked.Add(ref seen.Lengths, hasLengths ? 1 : 0);
            Interlocked.Add(ref seen.Full, isFull ? 1 : 0);
            Interlocked.Add(ref seen.Both, choices.Any(choice => choice.IsEntries) && (hasLengths || isFull) ? 1 : 0);
        });
        Assert.True(seen is { Both: > 100, Lengths: > 100, Full: > 0 }, $"{seen}");
    }

    private static void Check(Gen<IsolationPolicy> policies, EncodingCost? cost = null, Action<DesiredState>? look = null) =>
        Gen.Select(policies, s_abilities, PolicyGen.Packets.Array[40]).Sample(
            (policy, abilities, packets) =>
            {
                DesiredState state = PolicyCompiler.Compile(policy, "d", abilities, cost ?? EncodingCost.Default);
                look?.Invoke(state);
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

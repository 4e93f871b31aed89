using System.Collections.Immutable;
using System.Diagnostics;
using CsCheck;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.Policy.Tests.Verdicts;

public sealed class VerdictDiffTests(ITestOutputHelper output)
{
    [Fact]
    public void A_service_that_is_no_longer_allowed_is_said_in_words() =>
        Assert.Equal(["hr may no longer reach it on 80/tcp (IPv4)"], Words(PolicyBuilder.HrIt(), PolicyBuilder.HrIt(), after => after.Deny("hr", "it", "80")));

    [Fact]
    public void A_pair_that_is_no_longer_isolated_is_said_in_both_directions() => Assert.Equal(
        ["hr may now reach it on everything but 80/tcp (IPv4)", "it may now reach hr on every protocol (IPv4)"],
        Words(PolicyBuilder.HrIt(), PolicyBuilder.HrIt(), after => after.Allow("hr", "it").Allow("it", "hr")));

    [Fact]
    public void A_part_of_a_network_is_named_by_its_addresses() => Assert.Equal(
        ["part of hr (192.168.7.0/24) may no longer reach it on 80/tcp (IPv4)"],
        Words(PolicyBuilder.HrIt(), PolicyBuilder.HrIt(), after => after.Deny("192.168.7.0/24", "it")));

    [Fact]
    public void Addresses_that_join_a_network_are_a_part_of_it() => Assert.Contains(
        "part of hr (10.9.0.0/16) may no longer reach it on everything but 80/tcp (IPv4)",
        Words(PolicyBuilder.HrIt(), PolicyBuilder.HrIt(), after => after.Net("hr", "192.168.0.0/16 10.9.0.0/16 fd00:1::/64")));

    [Fact]
    public void A_silent_refusal_instead_of_an_error_is_a_change() => Assert.Contains(
        "it is still refused by hr on every protocol, silently now (IPv4)", Words(PolicyBuilder.HrIt(), PolicyBuilder.HrIt(), after => after.Drop()));

    [Fact]
    public void What_no_packet_can_tell_is_no_change() =>
        Assert.Empty(Words(PolicyBuilder.HrIt(), PolicyBuilder.HrIt(), after => after.Allow("hr", "it", "80/tcp").Allow("hr", "hr", "22")));

    [Fact]
    public void A_first_apply_is_one_line_a_family()
    {
        VerdictChanges found = VerdictDiff.Of(PolicyBuilder.HrIt().Compile(), new KernelModel().Read());
        Assert.Empty(found.Changes);
        Assert.Equal<string[]>(
            ["isolation begins in IPv4, between the networks hr, it", "isolation begins in IPv6, between the networks hr"], [.. found.Notices]);
    }

    [Fact]
    public void Changed_rules_in_text_are_told_of() => Assert.Contains(
        VerdictDiff.Of(PolicyBuilder.HrIt().First("-p tcp -j ACCEPT").Compile(), KernelModel.With(PolicyBuilder.HrIt().Compile()).Read()).Notices,
        notice => notice.Contains("rules in iptables' words change", StringComparison.Ordinal));

    /// <summary>A change is told of a packet exactly when the rules before and after do not treat it alike.</summary>
    [Fact]
    public void A_change_is_told_exactly_when_the_rules_treat_a_packet_otherwise()
    {
        Gen<(IsolationPolicy Old, IsolationPolicy New)> unlike = Gen.Select(PolicyGen.Policies, PolicyGen.Policies);
        Gen.Select(Gen.Frequency((1, PolicyPairs.All), (1, unlike)), PolicyGen.Packets.Array[30], PolicyPairs.Packets.Array[30], AbilityGen).Sample(
            (pair, packets, others, abilities) =>
            {
                DesiredState old = PolicyCompiler.Compile(WithoutText(pair.Old), "d1", abilities);
                DesiredState now = PolicyCompiler.Compile(WithoutText(pair.New), "d2", abilities);
                var probe = new VerdictProbe(now, KernelModel.With(old).Read());
                foreach (Packet packet in packets.Concat(others).Where(packet => probe.Compares(packet.Family)))
                {
                    Packet opening = packet with { Established = false };
                    Assert.Equal(
                        (Seen(RuleMachine.Run(old, opening)), Seen(RuleMachine.Run(now, opening))) is var (before, after) && before == after
                            ? null
                            : $"{before} {after}",
                        probe.ChangeOf(opening));
                }
            },
            iter: 400);
    }

    /// <summary>What a plan costs more for a network of a million prefixes of which a few change.</summary>
    [Fact]
    public void A_million_prefixes_are_compared_in_a_moment()
    {
        IsolationPolicy policy = PolicyBuilder.HrIt().Build();
        ImmutableArray<Prefix> many = [.. Enumerable.Range(0, 1_000_000).Select(i => new Prefix(Family.Inet, (UInt128)(uint)(0x0b000000 + (i * 64)) << 96, 27))];
        DesiredState old = Compile(many);
        LiveState live = KernelModel.With(old).Read();
        DesiredState now = Compile(many.RemoveRange(500_000, 10));
        VerdictDiff.Of(now, live);
        Stopwatch watch = Stopwatch.StartNew();
        VerdictChanges found = VerdictDiff.Of(now, live);
        output.WriteLine($"a million prefixes: {watch.Elapsed.TotalMilliseconds:0} ms");
        Assert.Contains(found.Changes, change => change is { From: "hr", FromAddresses: not null, To: "it" });
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{watch.Elapsed}");

        DesiredState Compile(ImmutableArray<Prefix> prefixes) => PolicyCompiler.Compile(
            policy with { Networks = policy.Networks.SetItem(0, policy.Networks[0] with { Prefixes = prefixes }) }, "d1", KernelAbilities.All);
    }

    private static Gen<KernelAbilities> AbilityGen =>
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, (pairs, services, list) => new KernelAbilities(pairs, services, list));

    private static RulingVerdict Seen(RuleTarget target) => target switch
    {
        RuleTarget.Reject => RulingVerdict.Rejected,
        RuleTarget.Drop => RulingVerdict.Dropped,
        _ => RulingVerdict.Passes,
    };

    private static IsolationPolicy WithoutText(IsolationPolicy policy) => policy with { Rules = OperatorRules.None };

    private static string[] Words(PolicyBuilder before, PolicyBuilder after, Func<PolicyBuilder, PolicyBuilder> change) =>
        [.. VerdictDiff.Of(change(after).Compile(), KernelModel.With(before.Compile()).Read()).Changes.Select(item => item.ToString())];
}

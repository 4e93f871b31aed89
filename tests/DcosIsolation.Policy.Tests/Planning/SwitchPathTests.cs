using System.Collections.Concurrent;
using System.Collections.Immutable;
using CsCheck;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.Policy.Tests;

/// <summary>
/// While one policy replaces another, step by step and entry by entry, each packet meets the verdict of one of them, also one whose walk
/// through the rules began before a step and ends behind it.
/// </summary>
public class SwitchPathTests(ITestOutputHelper output)
{
    private static readonly InPlaceLimits s_always = new(MinEntries: 1, MaxShare: 0);
    private static readonly InPlaceLimits s_never = new();

    private static readonly Gen<(DesiredState Old, DesiredState New, Packet[] Packets, InPlaceLimits Limits, int Cut)> s_switches =
        from policies in PolicyPairs.All
        from abilities in Gen.Frequency(
            (3, Gen.Const(KernelAbilities.All)),
            (2, Gen.Const(new KernelAbilities(false, false, true))),
            (1, Gen.Const(new KernelAbilities(false, false, false))))
        from cost in Gen.Frequency((2, Gen.Const(EncodingCost.Default)), (3, Gen.Const(EncodingCosts.Entries with { MaxPairEntries = 200 })))
        from digest in Gen.Int[0, 3]
        from packets in PolicyPairs.Packets.Array[12]
        from limits in Gen.Frequency((3, Gen.Const(s_always)), (2, Gen.Const(s_never)))
        from cut in Gen.Int[0, 1000]
        let old = PolicyCompiler.Compile(policies.Old, "d0", abilities, cost)
        select (old, PolicyCompiler.Compile(policies.New, $"d{digest}", abilities, cost), packets, limits, cut);

    [Fact]
    public void On_every_path_each_packet_gets_the_old_or_the_new_verdict()
    {
        var taken = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        s_switches.Sample(
            (old, now, packets, limits, _) =>
            {
                Plan plan = Switch(old, now, packets, limits, static plan => plan, static kernel => { });
                foreach (FamilyPath path in plan.Paths)
                {
                    taken.AddOrUpdate(PathOf(path, plan), 1, (_, count) => count + 1);
                    foreach (Rule rule in now.Families.Concat(old.Families).SelectMany(family => family.Chain).Where(rule => rule.Text is not null))
                    {
                        Assert.True(rule.Sets.IsEmpty || path.Path == SwitchPath.Generation);
                        taken.AddOrUpdate($"{path.Path} beside text", 1, (_, count) => count + 1);
                    }
                }
            },
            iter: 2500);
        output.WriteLine(string.Join(", ", taken.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} {pair.Key}")));
        Assert.All(
            new[] { "network in place", "network and union in place", "pairs in place", "network by SWAP", "pairs by SWAP", "generation", "InPlace beside text", "Swap beside text" },
            path => Assert.InRange(taken.GetValueOrDefault(path), 2, int.MaxValue));
    }

    [Fact]
    public void Dying_anywhere_leaves_each_packet_a_verdict_of_either_and_the_next_run_completes() =>
        s_switches.Sample(
            (old, now, packets, limits, cut) =>
            {
                KernelModel kernel = KernelModel.With(old, limits);
                List<Action> steps = kernel.StepsOf(kernel.Plan(now));
                steps[..(cut % (steps.Count + 1))].ForEach(step => step());
                Plan plan = kernel.Plan(now);
                Check(kernel, plan, old, now, packets);
                Assert.True(kernel.Plan(now).IsEmpty);
                Assert.Equal(StateDigest.Of(now), StateDigest.Of(kernel.Read()));
                Assert.Equal(now.Families.Sum(family => family.Sets.Length), kernel.Sets.Count);
            },
            iter: 500);

    [Fact]
    public void Without_the_last_rules_question_packets_get_wrong_verdicts() =>
        AssertCaught(Unguarded, kernel => kernel.Change(Family.Inet, family => family with
        {
            Chain = [.. family.Chain.Select(rule => rule with { Rule = Unguarded(rule.Rule!) })],
        }));

    [Fact]
    public void With_additions_before_deletions_packets_get_wrong_verdicts() =>
        AssertCaught(plan => plan with { Shrink = plan.Grow, Grow = plan.Shrink });

    [Fact]
    public void Without_waiting_between_phases_packets_get_wrong_verdicts() =>
        AssertCaught(plan => plan with { Shrink = Joined(plan.Shrink), Grow = Joined(plan.Grow) });

    private static string PathOf(FamilyPath path, Plan plan)
    {
        string[] edited = [.. plan.Shrink.Concat(plan.Grow).SelectMany(phase => phase.Edits).Select(edit => edit.Entries.Name)];
        return path.Path switch
        {
            SwitchPath.Generation => "generation",
            SwitchPath.Swap => KernelNames.IsNetworkSet(plan.Swaps[0].InForce) ? "network by SWAP" : "pairs by SWAP",
            _ => edited.Any(name => name.StartsWith("dcos-overlays", StringComparison.Ordinal)) ? "network and union in place"
                : edited.Any(KernelNames.IsNetworkSet) ? "network in place"
                : "pairs in place",
        };
    }

    private static void AssertCaught(Func<Plan, Plan> fault, Action<KernelModel>? tamper = null)
    {
        bool wasCaught = false;
        for (int i = 0; i < 4000 && !wasCaught; i++)
        {
            (DesiredState old, DesiredState now, Packet[] packets, InPlaceLimits limits, int _) = s_switches.Generate(new PCG(1, (ulong)i), null, out Size _);
            try
            {
                Switch(old, now, packets, limits, fault, tamper ?? (static _ => { }));
            }
            catch (WrongVerdictException)
            {
                wasCaught = true;
            }
        }

        Assert.True(wasCaught);
    }

    private static Plan Switch(
        DesiredState old, DesiredState now, Packet[] packets, InPlaceLimits limits, Func<Plan, Plan> fault, Action<KernelModel> tamper)
    {
        KernelModel kernel = KernelModel.With(old, limits);
        Plan plan = kernel.Plan(now);
        tamper(kernel);
        Check(kernel, fault(plan), old, now, packets);
        return plan;
    }

    /// <summary>Carries out a plan step by step, and lets packets through at each.</summary>
    private static void Check(KernelModel kernel, Plan plan, DesiredState old, DesiredState now, Packet[] packets)
    {
        var random = new Random(packets[0].GetHashCode() & 1);
        foreach (List<Action> phase in kernel.PhasesOf(plan))
        {
            bool exchanged = plan.Swaps.Length > 0 && phase.Count == 1;
            kernel.Families.TryGetValue(Family.Inet, out LiveFamily? table);
            HashSet<string> asked = table is null ? [] : new LiveSets(kernel.Read()).InForce(table);
            List<Dictionary<string, SetSpec>> states = [InForce(kernel, asked)];
            foreach (Action step in phase)
            {
                step();
                states.Add(InForce(kernel, asked));
            }

            // Of what is destroyed nothing is asked; and phases in which no packet meets a change are one moment.
            states.RemoveAll(state => state.Count < asked.Count);
            if (states.TrueForAll(state => asked.All(name => ReferenceEquals(state[name], states[0][name]))))
            {
                states.RemoveRange(1, states.Count - 1);
            }

            if (table is null)
            {
                continue;
            }

            foreach (Packet packet in packets)
            {
                bool[] verdicts = [SlowModel.Passes(RuleMachine.Run(old, packet)), SlowModel.Passes(RuleMachine.Run(now, packet))];
                if (verdicts[0] != verdicts[1])
                {
                    continue;
                }

                for (int i = 1; i < states.Count; i++)
                {
                    AssertWalks(table, states[i - 1], states[i], exchanged, packet, verdicts[0]);
                    AssertWalks(table, states[random.Next(i)], states[i], exchanged, packet, verdicts[0]);
                }

                AssertWalks(table, states[0], states[^1], exchanged, packet, verdicts[0]);
            }
        }
    }

    private static Dictionary<string, SetSpec> InForce(KernelModel kernel, HashSet<string> asked) =>
        asked.Where(kernel.Sets.ContainsKey).ToDictionary(name => name, name => kernel.Sets[name].Content!, StringComparer.Ordinal);

    private static void AssertWalks(
        LiveFamily table,
        Dictionary<string, SetSpec> earlier,
        Dictionary<string, SetSpec> later,
        bool exchanged,
        Packet packet,
        bool expected)
    {
        int looks = ReferenceEquals(earlier, later) ? 0 : int.MaxValue;
        for (int change = 0; change <= looks; change++)
        {
            var walk = new PacketWalk(table, earlier, later, exchanged, change, packet);
            if (walk.Passes() != expected)
            {
                throw new WrongVerdictException($"{packet}: from look {change} on\n{string.Join('\n', table.Chain.Select(rule => rule.Rule))}");
            }

            looks = change < looks ? walk.Looks : looks;
        }
    }

    private static ImmutableArray<EditPhase> Joined(ImmutableArray<EditPhase> phases) =>
        phases.IsEmpty ? [] : [new EditPhase([.. phases.SelectMany(phase => phase.Edits)])];

    private static Plan Unguarded(Plan plan) => plan with
    {
        Tables = [.. plan.Tables.Select(table => table with { Chain = [.. table.Chain.Select(rule => rule with { Rule = Unguarded(rule.Rule) })] })],
    };

    private static Rule Unguarded(Rule rule) =>
        RuleComment.NamesPolicy(rule.Comment) ? new Rule { Comment = rule.Comment, Target = rule.Target } : rule;

    private sealed class WrongVerdictException(string message) : Exception(message);
}

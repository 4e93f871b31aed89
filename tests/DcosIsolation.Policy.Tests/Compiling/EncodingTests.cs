using System.Collections.Immutable;
using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests;

public sealed class EncodingTests
{
    private static readonly Lock s_gate = new();

    [Theory]
    [InlineData("10.1.0.0/24", "10.2.0.0/24", "", EncodingReason.EntriesCheaper)]
    [InlineData("10.1.0.0/24", "10.2.0.0/24", "80 443", EncodingReason.EntriesCheaper)]
    [InlineData("x30", "y30", "", EncodingReason.EntriesCheaper)]
    [InlineData("x100", "y100", "", EncodingReason.TooManyEntries)]
    [InlineData("x60", "y60", "", EncodingReason.Memory)]
    [InlineData("x32", "y32", "80 443 8080 8443", EncodingReason.Memory)]
    [InlineData("x3000", "y3000", "", EncodingReason.TooManyEntries)]
    [InlineData("x3000", "y3000", "1-65535", EncodingReason.TooManyEntries)]
    [InlineData("10.1.0.0/24", "10.2.0.0/24", "1-2048", EncodingReason.EntriesCheaper)]
    [InlineData("10.1.0.0/24", "10.2.0.0/24", "1-10000", EncodingReason.TooManyEntries)]
    [InlineData("10.1.0.0/24", "10.2.0.0/24", "icmp/8", EncodingReason.NoEntry)]
    [InlineData("10.1.0.0/24", "*", "", EncodingReason.NoEntry)]
    [InlineData("lengths12", "lengths12", "", EncodingReason.PrefixLengths)]
    public void A_pair_is_what_it_costs_less_as(string from, string to, string services, EncodingReason reason)
    {
        PolicyBuilder policy = new PolicyBuilder().Net("a", Prefixes(from, 1));
        if (to != "*")
        {
            policy.Net("b", Prefixes(to, 2));
        }

        FamilyState state = Assert.Single(policy.Allow("a", to == "*" ? "*" : "b", services).Compile().Families);
        Assert.Equal(reason, state.Choices.Single(choice => choice.Clause == "allow").Reason);
    }

    [Fact]
    public void Without_the_set_type_there_is_no_choice() => Assert.All(
        PolicyBuilder.HrIt().Compile(new KernelAbilities(false, false, true)).Families.SelectMany(family => family.Choices),
        choice => Assert.Equal(EncodingReason.NoSetType, choice.Reason));

    [Fact]
    public void More_subnets_of_the_same_lengths_never_turn_a_rule_into_entries()
    {
        bool wasRule = false;
        for (int count = 1; count <= 120; count++)
        {
            EncodingChoice choice = new PolicyBuilder().Net("a", Prefixes($"x{count}", 1)).Net("b", Prefixes("y60", 2)).Allow("a", "b")
                .Compile().Families[0].Choices.Single(choice => choice.Clause == "allow");
            Assert.False(wasRule && choice.IsEntries, $"{count} subnets are entries, and fewer were a rule");
            wasRule = !choice.IsEntries;
        }

        Assert.True(wasRule);
    }

    [Fact]
    public void The_shared_set_is_bounded()
    {
        PolicyBuilder policy = new PolicyBuilder();
        for (int i = 0; i < 10; i++)
        {
            policy.Net($"n{i}", $"10.{i}.0.0/16");
        }

        for (int i = 0; i < 90; i++)
        {
            policy.Allow($"n{i / 9}", $"n{((i / 9) + 1 + (i % 9)) % 10}");
        }

        FamilyState state = PolicyCompiler.Compile(policy.Build(), "d", KernelAbilities.All, EncodingCost.Default with { MaxEntries = 33 }).Families[0];
        Assert.Equal(33, state.Sets.OfType<NetNetSet>().Single().Count);
        Assert.Equal(67, state.Choices.Count(choice => choice.Reason == EncodingReason.SetFull));
    }

    [Fact]
    public void Many_pairs_pay_together_for_lengths_that_one_would_not_pay_for()
    {
        IsolationPolicy policy(int allows)
        {
            PolicyBuilder builder = new PolicyBuilder().Net("a", Prefixes("lengths12", 1)).Net("b", Prefixes("lengths12", 2));
            for (int i = 0; i < allows; i++)
            {
                builder.Net($"n{i}", Prefixes("lengths12", 3 + i)).Allow("a", $"n{i}").Allow("b", $"n{i}");
            }

            return builder.Build();
        }

        Assert.DoesNotContain(Choices(policy(1)), choice => choice.IsEntries);
        Assert.All(Choices(policy(100)), choice => Assert.True(choice.IsEntries));

        static ImmutableArray<EncodingChoice> Choices(IsolationPolicy policy) =>
            PolicyCompiler.Compile(policy, "d", KernelAbilities.All).Families[0].Choices;
    }

    [Fact]
    public void The_order_of_clauses_changes_no_choice() =>
        Gen.Select(PolicyGen.Policies, Gen.Int[0, 60]).Sample(
            (policy, most) =>
            {
                EncodingCost cost = EncodingCost.Default with { CombinationNs = 60, MaxEntries = most };
                IsolationPolicy reversed = policy with
                {
                    Allow = [.. policy.Allow.Reverse()],
                    Deny = [.. policy.Deny.Reverse()],
                    Exceptions = [.. policy.Exceptions.Reverse()],
                };
                Assert.Equal(Sets(policy, cost), Sets(reversed, cost));
            },
            iter: 1000);

    [Fact]
    public void The_choice_is_near_the_best_that_there_is()
    {
        double worst = 1;
        Gen.Select(Gen.Int[0, 255], Gen.Int[0, 255], Gen.Int[1, 40]).Array[1, 8].Sample(
            pairs =>
            {
                PairCandidate[] candidates = [.. pairs.Select((pair, i) => Candidate(i, Lengths(pair.Item1), Lengths(pair.Item2), pair.Item3))];
                double best = Enumerable.Range(0, 1 << candidates.Length).Min(chosen => Total(candidates, i => ((chosen >> i) & 1) != 0));
                EncodingChooser.Choose(candidates, EncodingCost.Default);
                double found = Total(candidates, i => candidates[i].Reason == EncodingReason.EntriesCheaper);
                lock (s_gate)
                {
                    worst = Math.Max(worst, found / best);
                }
            },
            iter: 3000);
        Assert.InRange(worst, 1, 1.5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(12)]
    public void Few_networks_are_a_list_and_many_are_one_set(int lengths)
    {
        bool isFlattened(int networks)
        {
            PolicyBuilder policy = new();
            for (int i = 0; i < networks; i++)
            {
                policy.Net($"n{i}", Prefixes($"lengths{lengths}", i));
            }

            return policy.Compile().Families[0].Overlays!.IsFlattened;
        }

        Assert.False(isFlattened(2));
        Assert.True(isFlattened(30));
    }

    [Fact]
    public void One_network_of_a_million_prefixes_is_not_copied_for_a_few_others()
    {
        PolicyBuilder policy = new();
        for (int i = 0; i < 9; i++)
        {
            policy.Net($"n{i}", $"11.{i}.0.0/16");
        }

        var many = new Prefix[1 << 20];
        for (int i = 0; i < many.Length; i++)
        {
            many[i] = new Prefix(Family.Inet, (UInt128)(((uint)10 << 24) + ((uint)i << 4)) << 96, 29);
        }

        IsolationPolicy few = policy.Build();
        var large = new Network("zz", [.. many], true, default);
        IsolationPolicy withLarge = few with { Networks = few.Networks.Add(large) };
        Assert.True(PolicyCompiler.Compile(few, "d", KernelAbilities.All).Families[0].Overlays!.IsFlattened);
        Assert.False(PolicyCompiler.Compile(withLarge, "d", KernelAbilities.All).Families[0].Overlays!.IsFlattened);
    }

    [Fact]
    public void No_digest_covers_the_explanation()
    {
        DesiredState state = PolicyBuilder.HrIt().Compile();
        DesiredState silent = state with { Families = [.. state.Families.Select(family => family with { Choices = [], Overlays = null })] };
        Assert.NotEmpty(state.Families[0].Choices);
        Assert.Equal(StateDigest.Of(state), StateDigest.Of(silent));
    }

    private static string Sets(IsolationPolicy policy, EncodingCost cost) => string.Join('\n', PolicyCompiler.Compile(policy, "d", KernelAbilities.All, cost)
        .Families.SelectMany(family => family.Sets).SelectMany(set => set.EntryTexts.Select(entry => $"{set.Name} {entry}")));

    private static UInt128 Lengths(int bits) => (UInt128)(bits | 1) << 16;

    private static PairCandidate Candidate(int i, UInt128 sources, UInt128 destinations, int entries)
    {
        Side side(string name, UInt128 lengths, int count) =>
            new(name, name, null, [.. Enumerable.Repeat(new Prefix(Family.Inet, 0, 32), count)], lengths);
        return new PairCandidate(
            default, "allow", side($"a{i}", sources, entries), side($"b{i}", destinations, 16), null, [], 66, EncodingCost.Default);
    }

    /// <summary>What a packet pays that walks it all.</summary>
    private static double Total(PairCandidate[] candidates, Predicate<int> isEntries)
    {
        (double total, UInt128 sources, UInt128 destinations) = (0, 0, 0);
        for (int i = 0; i < candidates.Length; i++)
        {
            if (!isEntries(i))
            {
                total += candidates[i].RuleNs;
                continue;
            }

            total += EncodingCost.Default.OfMemory(candidates[i].Bytes);
            (sources, destinations) = (sources | candidates[i].From.Lengths, destinations | candidates[i].To.Lengths);
        }

        return total + EncodingCost.Default.OfPairs(sources, destinations);
    }

    /// <summary><c>x30</c>: 30 prefixes of one length; <c>lengths12</c>: one prefix of each of 12 lengths; else the prefixes themselves.</summary>
    private static string Prefixes(string text, int block) =>
        text.StartsWith("lengths", StringComparison.Ordinal)
            ? string.Join(' ', Enumerable.Range(0, Number(text)).Select(i => $"{20 + (block / 16)}.{(block % 16 * 16) + i}.0.0/{17 + i}"))
            : text[0] is 'x' or 'y'
                ? string.Join(' ', Enumerable.Range(0, Number(text)).Select(i => $"{9 + block}.{i / 128}.{i % 128 * 2}.0/24"))
                : text;

    private static int Number(string text) => int.Parse(text.AsSpan(text.IndexOfAny([.. "0123456789"])), System.Globalization.CultureInfo.InvariantCulture);
}

using Xunit;

namespace DcosIsolation.Policy.Tests;

/// <summary>Which way a family's sets take, and what is said about it.</summary>
public class PlannerPathTests
{
    // Two entries of each length, so that no length comes or goes with one.
    private const string Many = "10.1.0.0/16 10.3.0.0/16 10.5.0.0/16 10.8.0.0/15 10.12.0.0/15 10.16.0.0/17 10.18.0.0/17 10.20.0.0/17";

    private static readonly InPlaceLimits s_limits = new(MinEntries: 6, MaxShare: 2);
    private static readonly KernelAbilities s_rules = new(false, false, true);
    private static readonly KernelAbilities s_union = new(false, false, false);

    [Fact]
    public void What_leaves_a_network_goes_before_the_commit_and_what_joins_comes_after_it() => Assert.Equal(
        """
        phase
          del dcos-net-a 10.1.0.0/16
        commit Inet
        phase
          add dcos-net-a 10.99.0.0/16
        # Inet InPlace since 2 changes to 8 entries of dcos-net-a, whose addresses are in no other network
        """,
        Steps(Policy(Many), Policy(Without("10.1.0.0/16") + " 10.99.0.0/16")));

    [Fact]
    public void Entries_that_split_or_merge_overlap_for_a_while() => Assert.Equal(
        """
        phase
          add dcos-net-a 10.8.0.0/16
          add dcos-net-a 10.9.0.0/17
        phase
          del dcos-net-a 10.8.0.0/15
        commit Inet
        # Inet InPlace since 3 changes to 8 entries of dcos-net-a, whose addresses are in no other network
        """,
        Steps(Policy(Many), Policy(Without("10.8.0.0/15") + " 10.8.0.0/16 10.9.0.0/17")));

    [Fact]
    public void And_the_other_way_round() => Assert.Equal(
        """
        commit Inet
        phase
          add dcos-net-a 10.0.0.0/15
        phase
          del dcos-net-a 10.1.0.0/16
        # Inet InPlace since 2 changes to 8 entries of dcos-net-a, whose addresses are in no other network
        """,
        Steps(Policy(Many), Policy(Without("10.1.0.0/16") + " 10.0.0.0/15")));

    [Fact]
    public void The_union_of_all_networks_shrinks_first_and_grows_last() => Assert.Equal(
        """
        phase
          del dcos-overlays 10.1.0.0/16
        phase
          del dcos-net-a 10.1.0.0/16
        commit Inet
        phase
          add dcos-net-a 10.99.0.0/16
        phase
          add dcos-overlays 10.99.0.0/16
        # Inet InPlace since 2 changes to 8 entries of dcos-net-a, 2 changes to 8 entries of dcos-overlays, whose addresses are in no other network
        """,
        Steps(Policy(Many), Policy(Without("10.1.0.0/16") + " 10.99.0.0/16"), s_union));

    [Fact]
    public void Pairs_that_all_let_more_pass_are_added_in_place() => Assert.Equal(
        """
        commit Inet
        phase
          add dcos-exceptions 10.3.0.0/16,10.2.0.0/16
        # Inet InPlace since 1 changes to 6 entries of dcos-exceptions, and all of it lets more pass
        """,
        Steps(Excepting(6), Excepting(6).Except("10.3.0.0/16", "10.2.0.0/16"), KernelAbilities.All));

    [Fact]
    public void A_set_that_a_packet_asks_once_is_exchanged() => Assert.Equal(
        """
        create dcos-exceptions+ hash:net,net
        add dcos-exceptions+ 10.201.0.0/16,10.2.0.0/16
        swap dcos-exceptions dcos-exceptions+
        commit Inet
        destroy dcos-exceptions+
        # Inet Swap since dcos-exceptions alone changes, and a packet asks it once (not in place: no set that changes has 6 entries or more)
        """,
        Steps(Excepting(1), Policy("10.1.0.0/16").Except("10.201.0.0/16", "10.2.0.0/16"), KernelAbilities.All));

    [Fact]
    public void A_networks_set_that_only_grows_is_exchanged() => Assert.Equal(
        """
        create dcos-net-a+ hash:net
        add dcos-net-a+ 10.1.0.0/16
        add dcos-net-a+ 10.4.0.0/16
        swap dcos-net-a dcos-net-a+
        commit Inet
        destroy dcos-net-a+
        # Inet Swap since dcos-net-a alone changes, it only grows, and the addresses are in no other network (not in place: no set that changes has 6 entries or more)
        """,
        Steps(Policy("10.1.0.0/16"), Policy("10.1.0.0/16 10.4.0.0/16")));

    [Fact]
    public void Small_sets_are_built_anew() => AssertWhy(
        "no set that changes has 6 entries or more, and addresses leave dcos-net-a while others join it",
        Policy("10.1.0.0/16"),
        Policy("10.4.0.0/16"));

    [Fact]
    public void So_are_sets_that_change_much() => AssertWhy(
        "6 changes to 8 entries of dcos-net-a, and addresses leave dcos-net-a while others join it",
        Policy(Many),
        Policy(Without("10.1.0.0/16", "10.3.0.0/16", "10.16.0.0/17") + " 10.40.0.0/16 10.42.0.0/16 10.44.0.0/17"));

    [Theory]
    [InlineData("10.2.0.0/16", "10.2.0.0/16 of dcos-net-b has addresses that change in dcos-net-a")]
    [InlineData("10.2.128.0/17", "10.2.0.0/16 of dcos-net-b has addresses that change in dcos-net-a")]
    [InlineData("10.50.0.0/18", "dcos-net-a would get its first entry of the prefix length 18, and the kernel moves its list of lengths under packets that read it")]
    public void What_joins_must_not_be_in_another_network_nor_have_a_new_length(string joins, string why) =>
        AssertWhy(why + ", and addresses leave dcos-net-a while others join it", Policy(Many), Policy($"{Without("10.1.0.0/16")} {joins}"));

    [Fact]
    public void The_last_entry_of_a_length_stays() => AssertWhy(
        "dcos-net-a would lose its last entry of the prefix length 18, and the kernel moves its list of lengths under packets that read it",
        Policy(Many + " 10.50.0.0/18"),
        Policy(Many + " 10.50.0.0/17"),
        path: SwitchPath.Swap);

    [Fact]
    public void There_must_be_room_for_both() => AssertWhy(
        "dcos-net-a has room for 8 entries, and 9 would be in it for a moment",
        Policy(Many),
        Policy(Without("10.8.0.0/15") + " 10.8.0.0/16"),
        tamper: kernel => kernel.Change("dcos-net-a", set => set with { MaxElem = 8 }),
        path: SwitchPath.Swap);

    [Fact]
    public void A_chain_of_an_older_version_has_no_guard() => AssertWhy(
        "the last rule in force refuses without asking for the overlays again, and the rules change with it",
        Policy(Many),
        Policy(Many + " 10.99.0.0/16"),
        tamper: kernel => kernel.Change(Family.Inet, family => family with
        {
            Chain = family.Chain.SetItem(
                family.Chain.Length - 1, new LiveRule(new Rule { Comment = "policy d1", Target = RuleTarget.Reject }, "", 0, 0)),
        }));

    [Fact]
    public void An_exception_that_asks_the_network_stands_before_denials() => AssertWhy(
        "a rule that refuses comes behind one that lets pass what is in dcos-net-a, "
        + "and a rule that refuses comes behind one that lets pass what is in dcos-net-a",
        Policy(Many).Except("a", "10.2.0.0/16").Deny("*", "b", "22"),
        Policy(Many + " 10.99.0.0/16").Except("a", "10.2.0.0/16").Deny("*", "b", "22"));

    [Fact]
    public void Foreign_rules_in_the_chain_leave_nothing_but_a_new_generation() => AssertWhy(
        "the rules in force are not such as this program writes",
        Policy(Many),
        Policy(Many + " 10.99.0.0/16"),
        tamper: kernel => kernel.Change(Family.Inet, family => family with { Chain = family.Chain.Insert(0, new LiveRule(null, "-j ACCEPT", 0, 0)) }));

    [Fact]
    public void Operators_rules_that_ask_a_network_leave_nothing_but_a_new_generation()
    {
        NetworkMatch match = new("b", IsSource: true, Negated: false);
        const string Why = "a rule of the operator's asks dcos-net-b";
        AssertWhy(Why, Policy(Many).First("-j LOG", match), Policy(Many + " 10.99.0.0/16").First("-j LOG", match));
        AssertWhy(Why, Policy(Many).First("-j LOG", match), Policy(Many + " 10.99.0.0/16"));
        AssertWhy(Why, Policy(Many), Policy(Many + " 10.99.0.0/16").Last("-j LOG", match));
    }

    [Fact]
    public void Those_that_ask_none_stand_in_nobodys_way() => AssertWhy(
        "1 changes to 8 entries of dcos-net-a, whose addresses are in no other network",
        Policy(Many).First("-p tcp -j DROP"),
        Policy(Many + " 10.99.0.0/16").First("-p udp -j DROP").First("-p tcp -j DROP"),
        path: SwitchPath.InPlace);

    [Fact]
    public void Except_behind_rules_that_let_pass_what_is_in_the_network() => AssertWhy(
        "a rule that may refuse comes behind one that lets pass what is in dcos-net-a, "
        + "and a rule that may refuse comes behind one that lets pass what is in dcos-net-a",
        Policy(Many).Last("-j DROP"),
        Policy(Many + " 10.99.0.0/16").Last("-j DROP"));

    [Fact]
    public void So_does_a_kernel_that_lets_nobody_wait()
    {
        KernelModel kernel = Start(Policy(Many), s_rules);
        Plan plan = Planner.Plan(
            Policy(Many + " 10.99.0.0/16").Compile(s_rules, "d2"), kernel.Read() with { CanAwaitPackets = false }, s_limits);
        Assert.Equal("this kernel lets no process wait for packets that are under way (membarrier)", Assert.Single(plan.Paths).Why);
        Assert.Empty(plan.Grow);
    }

    [Fact]
    public void A_pinned_set_is_not_exchanged()
    {
        KernelModel kernel = Start(Excepting(1), KernelAbilities.All);
        DesiredState other = Policy("10.1.0.0/16").Except("10.201.0.0/16", "10.2.0.0/16").Compile(digest: "d2");
        Plan plan = Planner.Plan(other, kernel.Read() with { CanSwap = false }, s_limits);
        Assert.Empty(plan.Swaps);
        Assert.Equal("no set that changes has 6 entries or more, and SWAP is refused", Assert.Single(plan.Paths).Why);
    }

    [Fact]
    public void Pairs_that_let_more_and_less_pass_are_built_anew_or_exchanged() => Assert.Contains(
        "# Inet Swap since dcos-exceptions alone changes, and a packet asks it once (not in place: some of it lets more pass and some less)",
        Steps(Excepting(6), Excepting(5).Except("10.222.0.0/16", "10.2.0.0/16"), KernelAbilities.All),
        StringComparison.Ordinal);

    [Fact]
    public void A_set_that_is_exchanged_takes_a_third_name_when_two_are_in_use()
    {
        KernelModel kernel = Start(Excepting(1), KernelAbilities.All);
        kernel.Sets.Add("dcos-exceptions+", new LiveSet("dcos-exceptions+", "hash:net,net", new NetNetSet("dcos-exceptions+", Family.Inet, []), 1, 9, 0));
        kernel.ForeignReferences.Add("dcos-exceptions+");
        Plan plan = kernel.Apply(Policy("10.1.0.0/16").Except("10.201.0.0/16", "10.2.0.0/16").Compile(digest: "d2"));
        Assert.Equal([new SetSwap("dcos-exceptions", "dcos-exceptions=")], plan.Swaps.ToArray());
        Assert.DoesNotContain("dcos-exceptions=", kernel.Sets.Keys);
    }

    private static PolicyBuilder Policy(string a) => new PolicyBuilder().Net("a", a).Net("b", "10.2.0.0/16").Allow("b", "a", "80");

    private static PolicyBuilder Excepting(int count) => Enumerable.Range(0, count)
        .Aggregate(Policy("10.1.0.0/16"), (policy, i) => policy.Except($"10.{200 + i}.0.0/16", "10.2.0.0/16"));

    private static string Without(params string[] prefixes) => string.Join(' ', Many.Split(' ').Except(prefixes));

    private static KernelModel Start(PolicyBuilder policy, KernelAbilities abilities) => KernelModel.With(policy.Compile(abilities), s_limits);

    /// <summary>What a plan does, less the rules that it commits, and the way that it takes.</summary>
    private static string Steps(PolicyBuilder old, PolicyBuilder now, KernelAbilities? abilities = null)
    {
        Plan plan = Start(old, abilities ?? s_rules).Plan(now.Compile(abilities ?? s_rules, "d2"));
        return string.Join('\n', PlanText.Of(plan).Split('\n').Where(line =>
            !line.Contains(" -A ", StringComparison.Ordinal)
            && !line.Contains(" -I ", StringComparison.Ordinal)
            && !line.StartsWith("# Update", StringComparison.Ordinal)
            && !line.StartsWith("#  ", StringComparison.Ordinal)));
    }

    private static void AssertWhy(
        string why,
        PolicyBuilder old,
        PolicyBuilder now,
        Action<KernelModel>? tamper = null,
        SwitchPath path = SwitchPath.Generation)
    {
        KernelModel kernel = Start(old, s_rules);
        tamper?.Invoke(kernel);
        FamilyPath taken = Assert.Single(kernel.Plan(now.Compile(s_rules, "d2")).Paths);
        Assert.Equal(path, taken.Path);
        Assert.Equal(why, path == SwitchPath.Swap ? taken.Why.Split(": ")[1].TrimEnd(')') : taken.Why);
    }
}

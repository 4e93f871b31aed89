using Xunit;

namespace DcosIsolation.Policy.Tests;

public class PlannerTests
{
    [Fact]
    public void The_first_apply_makes_everything_under_the_plain_names() => AssertPlan(
        Small(),
        new KernelModel(),
        """
        create dcos-net-a hash:net
        add dcos-net-a 10.0.0.0/8
        create dcos-overlays list:set
        add dcos-overlays dcos-net-a comment "a"
        create dcos-simple-allowed hash:net,net
        add dcos-simple-allowed 10.0.0.0/8,10.0.0.0/8
        commit Inet
          -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
          [0:0] -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
          [0:0] -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
          [0:0] -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        # Create dcos-net-a hash:net
        #   + 10.0.0.0/8
        # Create dcos-overlays list:set
        #   + dcos-net-a comment "a"
        # Create dcos-simple-allowed hash:net,net
        #   + 10.0.0.0/8,10.0.0.0/8
        # Add -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
        # Add -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        # Add -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
        # Add -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        """);

    [Fact]
    public void Operators_rules_keep_their_counters_when_others_come_and_sets_change()
    {
        NetworkMatch inA = new("a", IsSource: true, Negated: true);
        KernelModel kernel = KernelModel.With(Small().First("-p tcp", inA).Last("-j LOG").Compile());
        kernel.Change(Family.Inet, family => family with
        {
            Chain = [.. family.Chain.Select((rule, i) => rule with { Packets = (ulong)i + 1, Bytes = (ulong)i + 100 })],
        });
        Plan plan = kernel.Plan(Small().Net("a", "11.0.0.0/8").First("-p udp").First("-p tcp", inA).Last("-j LOG").Compile(digest: "d2"));
        Assert.Equal(
            """
            [0:0] -p udp
            [1:100] -m set ! --match-set dcos-net-a+ src -p tcp
            [2:101] -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
            [3:102] -m set --match-set dcos-simple-allowed+ src,dst -j RETURN
            [4:103] -j LOG
            """,
            string.Join('\n', plan.Tables[0].Chain.SkipLast(1).Select(rule => $"[{rule.Packets}:{rule.Bytes}] {rule.Rule}")));
        Assert.Contains(new RuleChange(RuleChangeKind.Add, "-A dcos-isolation -p udp"), plan.Tables[0].Changes);
        Assert.Contains(
            new RuleChange(RuleChangeKind.Update, "-A dcos-isolation -m set ! --match-set dcos-net-a src -p tcp"), plan.Tables[0].Changes);
    }

    [Fact]
    public void Text_that_someone_changed_moved_or_added_is_drift()
    {
        DesiredState desired = Small().First("-p tcp").First("-p udp").Compile();
        string digest = StateDigest.Of(desired);
        KernelModel kernel = KernelModel.With(desired);
        Assert.Equal(digest, StateDigest.Of(kernel.Read()));
        kernel.Change(Family.Inet, family => family with { Chain = [family.Chain[1], family.Chain[0], .. family.Chain[2..]] });
        Assert.NotEqual(digest, StateDigest.Of(kernel.Read()));
        Assert.Equal("# Move -A dcos-isolation -p tcp", PlanText.Summary(kernel.Plan(desired)));

        kernel.Change(Family.Inet, family => family with
        {
            Chain = family.Chain.SetItem(1, new LiveRule(new Rule { Text = "-p sctp", Target = RuleTarget.Text }, "-p sctp", 0, 0)),
        });
        Assert.Equal(
            """
            # Add -A dcos-isolation -p tcp
            # Remove -A dcos-isolation -p sctp
            ! the chain dcos-isolation of IPv4 holds 1 rule that the project did not write and takes away: -p sctp
            """,
            PlanText.Summary(kernel.Plan(desired)));

        // Under another policy it may have been that policy's.
        Assert.DoesNotContain("!", PlanText.Summary(kernel.Plan(Small().Compile(digest: "d2"))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_second_apply_writes_nothing()
    {
        Plan plan = Planner.Plan(Small().Compile(), KernelModel.With(Small().Compile()).Read());
        Assert.True(plan.IsEmpty);
        Assert.Equal("", PlanText.Of(plan));
    }

    [Fact]
    public void Changed_sets_are_built_in_another_slot_and_what_refers_to_them_follows()
    {
        KernelModel kernel = Busy(Small().Except("a", "10.1.0.0/16").Compile());
        AssertPlan(
            Small().Net("a", "11.0.0.0/8").Except("a", "10.1.0.0/16"),
            kernel,
            """
            create dcos-net-a+ hash:net
            add dcos-net-a+ 11.0.0.0/8
            create dcos-overlays+ list:set
            add dcos-overlays+ dcos-net-a+ comment "a"
            create dcos-exceptions+ hash:net,net
            add dcos-exceptions+ 11.0.0.0/8,10.1.0.0/16
            create dcos-simple-allowed+ hash:net,net
            add dcos-simple-allowed+ 11.0.0.0/8,11.0.0.0/8
            commit Inet
              -I FORWARD 1 -m set --match-set dcos-overlays+ src -m set --match-set dcos-overlays+ dst -m set ! --match-set dcos-exceptions+ src,dst -j dcos-isolation
              [1:10] -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
              [2:20] -A dcos-isolation -m set --match-set dcos-simple-allowed+ src,dst -j RETURN
              [3:30] -A dcos-isolation -m set --match-set dcos-overlays+ src -m set --match-set dcos-overlays+ dst -m comment --comment "policy d2" -j REJECT
            destroy dcos-overlays
            destroy dcos-exceptions
            destroy dcos-net-a
            destroy dcos-simple-allowed
            # Update dcos-net-a hash:net Generation
            #   + 11.0.0.0/8
            #   - 10.0.0.0/8
            # Update dcos-exceptions hash:net,net Generation
            #   + 11.0.0.0/8,10.1.0.0/16
            #   - 10.0.0.0/8,10.1.0.0/16
            # Update dcos-simple-allowed hash:net,net Generation
            #   + 11.0.0.0/8,11.0.0.0/8
            #   - 10.0.0.0/8,10.0.0.0/8
            # Inet Generation since no set that changes has 4096 entries or more, and 3 sets change at once
            # Update -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m set ! --match-set dcos-exceptions src,dst -j dcos-isolation
            # Update -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
            # Update -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d2" -j REJECT
            """,
            "d2");
    }

    [Fact]
    public void Slots_alternate_and_a_list_follows_its_members()
    {
        var kernel = KernelModel.With(Small().Compile());
        kernel.Apply(Small().Net("a", "11.0.0.0/8").Compile());
        Assert.Equal(["dcos-net-a+", "dcos-overlays+", "dcos-simple-allowed+"], kernel.Sets.Keys);
        Plan back = kernel.Apply(Small().Compile());
        Assert.Equal(["dcos-net-a", "dcos-overlays", "dcos-simple-allowed"], kernel.Sets.Keys);
        Assert.Equal(["dcos-overlays+", "dcos-net-a+", "dcos-simple-allowed+"], back.Destroy.ToArray());
        Assert.Equal(["dcos-net-a", "dcos-simple-allowed"], back.Sets.Select(change => change.Name));
    }

    [Fact]
    public void A_new_rule_leaves_its_neighbours_and_their_counters_alone()
    {
        KernelModel kernel = Busy(Small().Allow("*", "a", "icmp").Allow("*", "a", "5000/tcp").Compile());
        AssertSummary(
            Small().Allow("*", "a", "5000/tcp").Allow("*", "a", "53/udp").Allow("*", "a", "icmp"),
            kernel,
            """
            # Move -A dcos-isolation -p tcp -m multiport --dports 5000 -m set --match-set dcos-net-a dst -j RETURN
            # Add -A dcos-isolation -p udp -m multiport --dports 53 -m set --match-set dcos-net-a dst -j RETURN
            """);
        TablePlan table = Assert.Single(Planner.Plan(
            Small().Allow("*", "a", "5000/tcp").Allow("*", "a", "53/udp").Allow("*", "a", "icmp").Compile(), kernel.Read()).Tables);
        Assert.Equal([1, 2, 4, 0, 3, 5], table.Chain.Select(rule => rule.Packets));
    }

    [Fact]
    public void A_set_without_room_is_built_anew()
    {
        var kernel = KernelModel.With(Small().Compile());
        kernel.Change("dcos-simple-allowed", set => set with { MaxElem = 0 });
        AssertPlan(
            Small(),
            kernel,
            """
            create dcos-simple-allowed+ hash:net,net
            add dcos-simple-allowed+ 10.0.0.0/8,10.0.0.0/8
            swap dcos-simple-allowed dcos-simple-allowed+
            destroy dcos-simple-allowed+
            # Inet Swap since dcos-simple-allowed alone changes, and a packet asks it once (not in place: no set that changes has 4096 entries or more)
            ! the set dcos-simple-allowed takes 0 entries at most, fewer than it should; it is built anew with more room
            """);
    }

    [Fact]
    public void A_set_with_entries_that_the_project_never_makes_is_built_anew()
    {
        var kernel = KernelModel.With(Small().Compile());
        kernel.Change("dcos-simple-allowed", set => set with { Content = null });
        Plan plan = kernel.Apply(Small().Compile());
        Assert.Equal(["the set dcos-simple-allowed holds what the project never puts there; it is built anew"], plan.Notices.ToArray());
        Assert.Equal(["dcos-simple-allowed"], plan.Destroy.ToArray());
    }

    [Fact]
    public void Leftovers_are_discarded_lists_first_and_usable_ones_are_used()
    {
        var kernel = KernelModel.With(Small().Compile());
        List<Action> steps = kernel.StepsOf(Planner.Plan(Small().Net("a", "11.0.0.0/8").Compile(), kernel.Read()));
        steps[..6].ForEach(step => step());
        Assert.Equal(["dcos-net-a", "dcos-net-a+", "dcos-overlays", "dcos-overlays+", "dcos-simple-allowed"], kernel.Sets.Keys);
        Assert.Equal(["dcos-overlays+", "dcos-net-a+"], Planner.Plan(Small().Compile(), kernel.Read()).Discard.ToArray());
        Plan onwards = Planner.Plan(Small().Net("a", "11.0.0.0/8").Compile(), kernel.Read());
        Assert.Empty(onwards.Discard);
        Assert.Equal(["dcos-simple-allowed+"], onwards.Create.Select(set => set.Name));
    }

    [Fact]
    public void A_set_that_someone_elses_rule_refers_to_is_left_and_is_no_pending_change()
    {
        var kernel = KernelModel.With(Small().Compile());
        kernel.ForeignReferences.Add("dcos-net-a");
        Plan plan = kernel.Apply(Small().Net("a", "11.0.0.0/8").Compile());
        string[] left = ["the set dcos-net-a is no longer needed, but a rule or list that is not the project's refers to it; it stays, with the entries that it has, until that rule or list is gone"];
        Assert.Equal(left, plan.Notices.ToArray());
        Assert.Equal(["dcos-overlays", "dcos-simple-allowed"], plan.Destroy.ToArray());
        Plan again = Planner.Plan(Small().Net("a", "11.0.0.0/8").Compile(), kernel.Read());
        Assert.True(again.IsEmpty);
        Assert.Equal(left, again.Notices.ToArray());
        kernel.ForeignReferences.Add("dcos-net-a+");
        kernel.Apply(Small().Net("a", "12.0.0.0/8").Compile());
        Assert.Contains("dcos-net-a=", kernel.Sets.Keys);
        AssertConflict(
            Small().Net("a", "13.0.0.0/8"),
            kernel,
            "dcos-net-a must be built anew, but dcos-net-a, dcos-net-a+ and dcos-net-a= are all in use, dcos-net-a and dcos-net-a+ by a rule or list that is not the project's: "
            + "remove the rules or lists that refer to one of them, then run again");
    }

    [Fact]
    public void A_set_of_another_type_is_in_the_way_only_where_its_name_is_needed()
    {
        var kernel = new KernelModel();
        kernel.Sets.Add("dcos-net-a", new LiveSet("dcos-net-a", "hash:ip", null, 0, 65536, 0));
        AssertConflict(
            Small(),
            kernel,
            "the set dcos-net-a is a hash:ip, which the project never makes under that name, so someone else made it; "
            + "dcos-net-a, dcos-net-a+ and dcos-net-a= are needed for a hash:net: rename or destroy it");
        Plan plan = kernel.Apply(new PolicyBuilder().Net("b", "10.0.0.0/8").Compile());
        Assert.Equal(["the set dcos-net-a is a hash:ip, which the project never makes under that name; it is left as it is"], plan.Notices.ToArray());
        Assert.Contains("dcos-net-a", kernel.Sets.Keys);
    }

    [Fact]
    public void Foreign_rules_in_the_chain_are_shown_and_replaced_and_their_references_go_with_them()
    {
        KernelModel kernel = Busy(Small().Compile());
        const string Foreign = "-p gre -m set --match-set dcos-simple-allowed src,dst -j ACCEPT";
        kernel.Change(Family.Inet, family => family with { Chain = family.Chain.Insert(1, new LiveRule(null, Foreign, 5, 6) { Sets = ["dcos-simple-allowed"] }) });
        AssertSummary(
            Small().Net("b", "11.0.0.0/8"),
            kernel,
            """
            # Create dcos-net-b hash:net
            #   + 11.0.0.0/8
            # Update dcos-overlays list:set Generation
            #   + dcos-net-b comment "b"
            # Update dcos-simple-allowed hash:net,net Generation
            #   + 11.0.0.0/8,11.0.0.0/8
            # Inet Generation since the rules in force are not such as this program writes
            # Update -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
            # Remove -A dcos-isolation -p gre -m set --match-set dcos-simple-allowed src,dst -j ACCEPT
            # Update -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
            # Update -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
            ! the chain dcos-isolation of IPv4 holds 1 rule that the project did not write and takes away: -p gre -m set --match-set dcos-simple-allowed src,dst -j ACCEPT
            """);
        Assert.Contains("dcos-simple-allowed", Planner.Plan(Small().Net("b", "11.0.0.0/8").Compile(), kernel.Read()).Destroy);
    }

    [Fact]
    public void A_chain_that_names_no_policy_was_written_by_hand()
    {
        var kernel = new KernelModel();
        LiveRule replies = new(
            new Rule { RelatedOrEstablished = true, Target = RuleTarget.Return }, "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN", 7, 8);
        kernel.Families.Add(Family.Inet, new LiveFamily(Family.Inet, true, [replies], [], [], null));
        Plan plan = Planner.Plan(Small().Compile(), kernel.Read());
        Assert.Equal(
            ["the chain dcos-isolation of IPv4 holds 1 rule that the project did not write and takes away: -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"],
            plan.Notices.ToArray());
        Assert.Equal([7, 0, 0], plan.Tables[0].Chain.Select(rule => rule.Packets));
    }

    [Fact]
    public void The_jump_belongs_alone_at_the_first_position()
    {
        KernelModel kernel = KernelModel.With(Small().Compile());
        string text = kernel.Families[Family.Inet].Jumps[0].Rule.Text;
        kernel.Change(Family.Inet, family => family with { Jumps = [family.Jumps[0] with { Position = 2 }] });
        AssertSummary(Small(), kernel, $"# Move -I FORWARD 1 {text}");
        Assert.NotEqual(StateDigest.Of(Small().Compile()), StateDigest.Of(kernel.Read()));

        LiveRule bare = new(null, "-i eth0 -j dcos-isolation", 0, 0);
        kernel.Change(Family.Inet, family => family with { Jumps = [family.Jumps[0] with { Position = 0 }, new LiveJump(4, bare)] });
        AssertSummary(
            Small(),
            kernel,
            """
            # Remove -A FORWARD -i eth0 -j dcos-isolation
            ! rule 5 of FORWARD of IPv4 jumps to dcos-isolation; the project did not write that rule and takes it away: -i eth0 -j dcos-isolation
            """);
        Assert.NotEqual(StateDigest.Of(Small().Compile()), StateDigest.Of(kernel.Read()));

        kernel.Change(Family.Inet, family => family with { Jumps = [] });
        AssertSummary(Small(), kernel, $"# Add -I FORWARD 1 {text}");
        Assert.NotEqual(StateDigest.Of(Small().Compile()), StateDigest.Of(kernel.Read()));
    }

    [Fact]
    public void Someone_elses_jump_to_the_chain_is_noticed_and_stands_in_the_way_of_removal()
    {
        KernelModel kernel = KernelModel.With(Small().Compile());
        kernel.Change(Family.Inet, family => family with { ForeignJumps = ["INPUT rule 3"] });
        AssertSummary(Small(), kernel, "! INPUT rule 3 of IPv4 jumps to dcos-isolation too; the project did not write that rule and leaves it");
        var exception = Assert.Throws<PlanConflictException>(() => Planner.PlanRemoval(kernel.Read()));
        Assert.Equal(
            ["the chain dcos-isolation of IPv4 cannot be removed: INPUT rule 3 jumps to it, a rule that the project did not write: delete that rule, then run again"],
            exception.Conflicts.ToArray());
    }

    [Fact]
    public void Removal_takes_chain_jump_and_sets_and_leaves_what_others_refer_to()
    {
        KernelModel kernel = KernelModel.With(Small().Compile());
        kernel.ForeignReferences.Add("dcos-simple-allowed");
        Assert.Equal(
            """
            commit Inet
              -X dcos-isolation
            destroy dcos-overlays
            destroy dcos-net-a
            # Destroy dcos-net-a hash:net
            #   - 10.0.0.0/8
            # Destroy dcos-overlays list:set
            #   - dcos-net-a comment "a"
            # Destroy dcos-simple-allowed hash:net,net
            #   - 10.0.0.0/8,10.0.0.0/8
            # Remove -A FORWARD -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
            # Remove -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
            # Remove -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
            # Remove -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
            ! the set dcos-simple-allowed is no longer needed, but a rule or list that is not the project's refers to it; it stays, with the entries that it has, until that rule or list is gone
            """,
            PlanText.Of(Planner.PlanRemoval(kernel.Read())));
    }

    [Fact]
    public void Nothing_to_remove_is_an_empty_plan() => Assert.True(Planner.PlanRemoval(new KernelModel().Read()).IsEmpty);

    [Fact]
    public void A_family_that_the_policy_leaves_loses_its_table()
    {
        KernelModel kernel = KernelModel.With(PolicyBuilder.HrIt().Compile());
        Plan plan = kernel.Apply(PolicyBuilder.HrIt().Net("hr", "192.168.0.0/16").Compile());
        TablePlan table = Assert.Single(plan.Tables);
        Assert.Equal(Family.Inet6, table.Family);
        Assert.Null(table.Jump);
        Assert.Equal(["dcos-overlays6", "dcos-net-hr6", "dcos-simple-allowed6"], plan.Destroy.ToArray());
    }

    [Fact]
    public void The_name_of_a_twin_passes_from_one_network_to_another()
    {
        KernelModel kernel = KernelModel.With(new PolicyBuilder().Net("hr6", "10.0.0.0/8").Compile());
        kernel.Apply(new PolicyBuilder().Net("hr", "fd00::/16").Compile());
        Assert.Equal(["dcos-net-hr6+", "dcos-overlays6", "dcos-simple-allowed6"], kernel.Sets.Keys);
    }

    private static PolicyBuilder Small() => new PolicyBuilder().Net("a", "10.0.0.0/8");

    /// <summary>A kernel whose rules have met packets: the first one, the second two, and so on.</summary>
    private static KernelModel Busy(DesiredState desired)
    {
        KernelModel kernel = KernelModel.With(desired);
        kernel.Change(Family.Inet, family => family with
        {
            Chain = [.. family.Chain.Select((rule, index) => rule with { Packets = (ulong)index + 1, Bytes = ((ulong)index + 1) * 10 })],
        });
        return kernel;
    }

    private static void AssertPlan(PolicyBuilder policy, KernelModel kernel, string expected, string digest = "d1") =>
        Assert.Equal(expected, PlanText.Of(Planner.Plan(policy.Compile(digest: digest), kernel.Read())));

    private static void AssertSummary(PolicyBuilder policy, KernelModel kernel, string expected) =>
        Assert.Equal(expected, PlanText.Summary(Planner.Plan(policy.Compile(), kernel.Read())));

    private static void AssertConflict(PolicyBuilder policy, KernelModel kernel, string expected)
    {
        var exception = Assert.Throws<PlanConflictException>(() => Planner.Plan(policy.Compile(), kernel.Read()));
        Assert.Equal([expected], exception.Conflicts.ToArray());
    }
}

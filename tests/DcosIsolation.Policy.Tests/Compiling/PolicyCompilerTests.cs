using Xunit;

namespace DcosIsolation.Policy.Tests;

public class PolicyCompilerTests
{
    private static readonly KernelAbilities s_bare = new(false, false, false);

    [Fact]
    public void Hr_and_it_as_the_seed_meant_it() => AssertCompiles(
        PolicyBuilder.HrIt(),
        """
        create dcos-net-hr hash:net
        add dcos-net-hr 192.168.0.0/16
        create dcos-net-it hash:net
        add dcos-net-it 10.250.0.0/16
        create dcos-overlays list:set
        add dcos-overlays dcos-net-hr comment "hr"
        add dcos-overlays dcos-net-it comment "it"
        create dcos-simple-allowed hash:net,net
        add dcos-simple-allowed 10.250.0.0/16,10.250.0.0/16
        add dcos-simple-allowed 192.168.0.0/16,192.168.0.0/16
        create dcos-complex-allowed hash:net,port,net
        add dcos-complex-allowed 192.168.0.0/16,tcp:80,10.250.0.0/16
        iptables -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-complex-allowed src,dst,dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        create dcos-net-hr6 hash:net family inet6
        add dcos-net-hr6 fd00:1::/64
        create dcos-overlays6 list:set
        add dcos-overlays6 dcos-net-hr6 comment "hr"
        create dcos-simple-allowed6 hash:net,net family inet6
        add dcos-simple-allowed6 fd00:1::/64,fd00:1::/64
        ip6tables -I FORWARD 1 -m set --match-set dcos-overlays6 src -m set --match-set dcos-overlays6 dst -j dcos-isolation
        ip6tables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        ip6tables -A dcos-isolation -m set --match-set dcos-simple-allowed6 src,dst -j RETURN
        ip6tables -A dcos-isolation -m set --match-set dcos-overlays6 src -m set --match-set dcos-overlays6 dst -m comment --comment "policy d1" -j REJECT
        """);

    [Fact]
    public void Hr_and_it_on_a_kernel_with_hash_net_alone() => AssertCompiles(
        PolicyBuilder.HrIt().Except("10.250.1.0/24", "192.168.5.0/24"),
        """
        create dcos-net-hr hash:net
        add dcos-net-hr 192.168.0.0/16
        create dcos-net-it hash:net
        add dcos-net-it 10.250.0.0/16
        create dcos-overlays hash:net
        add dcos-overlays 10.250.0.0/16
        add dcos-overlays 192.168.0.0/16
        iptables -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
        iptables -A dcos-isolation -s 10.250.1.0/24 -d 192.168.5.0/24 -j RETURN
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-net-hr src -m set --match-set dcos-net-hr dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-net-it src -m set --match-set dcos-net-it dst -j RETURN
        iptables -A dcos-isolation -p tcp -m multiport --dports 80 -m set --match-set dcos-net-hr src -m set --match-set dcos-net-it dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        create dcos-net-hr6 hash:net family inet6
        add dcos-net-hr6 fd00:1::/64
        create dcos-overlays6 hash:net family inet6
        add dcos-overlays6 fd00:1::/64
        ip6tables -I FORWARD 1 -m set --match-set dcos-overlays6 src -m set --match-set dcos-overlays6 dst -j dcos-isolation
        ip6tables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        ip6tables -A dcos-isolation -m set --match-set dcos-net-hr6 src -m set --match-set dcos-net-hr6 dst -j RETURN
        ip6tables -A dcos-isolation -m set --match-set dcos-overlays6 src -m set --match-set dcos-overlays6 dst -m comment --comment "policy d1" -j REJECT
        """,
        s_bare);

    [Fact]
    public void Exceptions_keep_pairs_out_of_the_chain() => AssertCompiles(
        OneNetwork().Except("a", "10.1.0.0/16").Except("0.0.0.0/0", "10.2.0.0/16"),
        """
        create dcos-net-a hash:net
        add dcos-net-a 10.0.0.0/8
        create dcos-overlays list:set
        add dcos-overlays dcos-net-a comment "a"
        create dcos-exceptions hash:net,net
        add dcos-exceptions 10.0.0.0/8,10.1.0.0/16
        create dcos-simple-allowed hash:net,net
        add dcos-simple-allowed 10.0.0.0/8,10.0.0.0/8
        iptables -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m set ! --match-set dcos-exceptions src,dst -j dcos-isolation
        iptables -A dcos-isolation -d 10.2.0.0/16 -j RETURN
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        """);

    [Fact]
    public void Internal_deny_is_a_denied_pair_and_drop_is_for_every_refusal() => AssertCompiles(
        new PolicyBuilder().Net("a", "10.0.0.0/8", internalAllowed: false).Drop(),
        """
        create dcos-net-a hash:net
        add dcos-net-a 10.0.0.0/8
        create dcos-overlays list:set
        add dcos-overlays dcos-net-a comment "a"
        create dcos-simple-denied hash:net,net
        add dcos-simple-denied 10.0.0.0/8,10.0.0.0/8
        iptables -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-simple-denied src,dst -j DROP
        iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j DROP
        """);

    [Fact]
    public void Denials_come_before_permissions_and_sets_before_rules() => AssertChain(
        OneNetwork()
            .Net("b", "11.0.0.0/8", internalAllowed: false)
            .Deny("a", "b", "22 icmp")
            .Deny("a", "12.0.0.0/8")
            .Allow("*", "b")
            .AcceptByDefault(),
        """
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-simple-denied src,dst -j REJECT
        iptables -A dcos-isolation -m set --match-set dcos-complex-denied src,dst,dst -j REJECT
        iptables -A dcos-isolation -p icmp -m set --match-set dcos-net-a src -m set --match-set dcos-net-b dst -j REJECT
        iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-net-b dst -j RETURN
        iptables -A dcos-isolation -m comment --comment "policy d1" -j RETURN
        """);

    [Fact]
    public void Services_that_an_entry_can_say_become_entries_and_the_others_rules() => AssertCompiles(
        OneNetwork().Net("b", "11.0.0.0/8").Allow("a", "b", "80 81-82/udp 0-65535/sctp 5000-9999 icmp/8/0 icmp/3 icmpv6/128"),
        """
        create dcos-net-a hash:net
        add dcos-net-a 10.0.0.0/8
        create dcos-net-b hash:net
        add dcos-net-b 11.0.0.0/8
        create dcos-overlays list:set
        add dcos-overlays dcos-net-a comment "a"
        add dcos-overlays dcos-net-b comment "b"
        create dcos-simple-allowed hash:net,net
        add dcos-simple-allowed 10.0.0.0/8,10.0.0.0/8
        add dcos-simple-allowed 11.0.0.0/8,11.0.0.0/8
        create dcos-complex-allowed hash:net,port,net
        add dcos-complex-allowed 10.0.0.0/8,icmp:8/0,11.0.0.0/8
        add dcos-complex-allowed 10.0.0.0/8,udp:81,11.0.0.0/8
        add dcos-complex-allowed 10.0.0.0/8,udp:82,11.0.0.0/8
        iptables -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-complex-allowed src,dst,dst -j RETURN
        iptables -A dcos-isolation -p icmp -m icmp --icmp-type 3 -m set --match-set dcos-net-a src -m set --match-set dcos-net-b dst -j RETURN
        iptables -A dcos-isolation -p tcp -m multiport --dports 80,5000:9999 -m set --match-set dcos-net-a src -m set --match-set dcos-net-b dst -j RETURN
        iptables -A dcos-isolation -p sctp -m set --match-set dcos-net-a src -m set --match-set dcos-net-b dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        """);

    [Fact]
    public void A_multiport_rule_takes_fifteen_ports_and_a_range_counts_twice() => AssertChain(
        OneNetwork().Allow("*", "a", "1 3 5 7 9 11 13 15 17 19 21 23 25 27-28 30 32/udp"),
        """
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
        iptables -A dcos-isolation -p tcp -m multiport --dports 1,3,5,7,9,11,13,15,17,19,21,23,25,27:28 -m set --match-set dcos-net-a dst -j RETURN
        iptables -A dcos-isolation -p tcp -m multiport --dports 30 -m set --match-set dcos-net-a dst -j RETURN
        iptables -A dcos-isolation -p udp -m multiport --dports 32 -m set --match-set dcos-net-a dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        """);

    [Fact]
    public void A_clause_of_the_other_familys_icmp_vanishes_and_does_not_allow_everything() => AssertChain(
        OneNetwork().Allow("*", "*", "icmpv6").Allow("fd00::/8", "a"),
        """
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        """);

    [Fact]
    public void A_literal_of_length_0_asks_nothing_in_a_rule_and_is_two_halves_in_a_set()
    {
        PolicyBuilder policy = OneNetwork().Allow("::/0 0.0.0.0/0", "10.9.0.0/16", "53/udp icmp");
        AssertChain(
            policy,
            """
            iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
            iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
            iptables -A dcos-isolation -m set --match-set dcos-complex-allowed src,dst,dst -j RETURN
            iptables -A dcos-isolation -d 10.9.0.0/16 -p icmp -j RETURN
            iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
            """);
        Assert.Equal(
            ["0.0.0.0/1,udp:53,10.9.0.0/16", "128.0.0.0/1,udp:53,10.9.0.0/16"],
            policy.Compile().Families[0].Sets.Single(set => set.Name == "dcos-complex-allowed").EntryTexts);
    }

    [Fact]
    public void Everything_to_everything_is_a_rule_without_a_match() => AssertChain(
        OneNetwork().Allow("*", "*").Allow("*", "*"),
        """
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
        iptables -A dcos-isolation -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        """);

    [Fact]
    public void A_product_of_more_memory_than_a_rule_is_worth_is_a_rule_over_the_networks_sets()
    {
        string prefixes(int second, int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => $"10.{second}.{2 * i}.0/24"));
        PolicyBuilder policy = new PolicyBuilder().Net("a", prefixes(1, 32)).Net("b", prefixes(2, 100)).Allow("a", "b");
        AssertChain(
            policy,
            """
            iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
            iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
            iptables -A dcos-isolation -m set --match-set dcos-net-b src -m set --match-set dcos-net-b dst -j RETURN
            iptables -A dcos-isolation -m set --match-set dcos-net-a src -m set --match-set dcos-net-b dst -j RETURN
            iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
            """);
        Assert.Equal(1024, policy.Compile().Families[0].Sets.Single(set => set.Name == "dcos-simple-allowed").Count);
    }

    [Fact]
    public void Nine_networks_are_asked_as_one_flat_set_and_listed_for_their_names()
    {
        var policy = new PolicyBuilder();
        for (int i = 0; i < 9; i++)
        {
            policy.Net($"n{i}", $"10.{i}.0.0/16");
        }

        FamilyState state = Assert.Single(policy.Compile().Families);
        Assert.Equal(
            "-m set --match-set dcos-overlays-flat src -m set --match-set dcos-overlays-flat dst -j dcos-isolation",
            state.Jump.ToString());
        Assert.Equal(["10.0.0.0/13", "10.8.0.0/16"], state.Sets.Single(set => set.Name == "dcos-overlays-flat").EntryTexts);
        Assert.Equal("dcos-net-n8 comment \"n8\"", state.Sets.Single(set => set.Name == "dcos-overlays").EntryTexts[8]);
    }

    [Fact]
    public void The_halves_of_everything_stay_two() => Assert.Equal(
        ["0.0.0.0/1", "128.0.0.0/1"],
        new PolicyBuilder().Net("a", "0.0.0.0/1").Net("b", "128.0.0.0/2").Net("c", "192.0.0.0/2 255.0.0.0/8")
            .Compile(s_bare).Families[0].Sets.Single(set => set.Name == "dcos-overlays").EntryTexts);

    [Fact]
    public void A_network_that_no_rule_asks_has_no_set_where_no_list_holds_it() => AssertCompiles(
        OneNetwork(),
        """
        create dcos-overlays hash:net
        add dcos-overlays 10.0.0.0/8
        create dcos-simple-allowed hash:net,net
        add dcos-simple-allowed 10.0.0.0/8,10.0.0.0/8
        iptables -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
        iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-simple-allowed src,dst -j RETURN
        iptables -A dcos-isolation -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -m comment --comment "policy d1" -j REJECT
        """,
        new KernelAbilities(true, true, false));

    [Fact]
    public void Icmp_type_255_is_refused_because_a_rule_cannot_ask_for_it()
    {
        var exception = Assert.Throws<PolicyCompilationException>(() => OneNetwork().Allow("a", "a", "icmp/255").Compile());
        Assert.Equal("policy.yaml:1:1: ICMP type 255 cannot be matched: to the kernel's icmp match it means every type", exception.Message);
    }

    [Fact]
    public void Networks_that_hash_alike_are_refused()
    {
        // Found by search: the SHA-256 of both names begin with da d4 a1 7e.
        PolicyBuilder policy = new PolicyBuilder()
            .Net("a-long-network-name-012477", "10.0.0.0/8")
            .Net("a-long-network-name-066966", "11.0.0.0/8");
        var exception = Assert.Throws<PolicyCompilationException>(() => policy.Compile());
        Assert.Equal(
            "policy.yaml:2:1: the networks a-long-network-name-012477 and a-long-network-name-066966 would share the kernel name "
            + "a-long-netw~dad4a17e: rename one of them",
            exception.Message);
    }

    private static PolicyBuilder OneNetwork() => new PolicyBuilder().Net("a", "10.0.0.0/8");

    private static void AssertCompiles(PolicyBuilder policy, string expected, KernelAbilities? abilities = null) =>
        Assert.Equal(expected, StateText.Of(policy.Compile(abilities)));

    private static void AssertChain(PolicyBuilder policy, string expected)
    {
        string[] lines = StateText.Of(policy.Compile()).Split('\n');
        Assert.Equal(expected, string.Join('\n', lines.Where(line => line.Contains(" -A dcos-isolation", StringComparison.Ordinal))));
    }
}

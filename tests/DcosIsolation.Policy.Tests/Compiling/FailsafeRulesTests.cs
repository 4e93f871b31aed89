using System.Collections.Immutable;
using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests;

public class FailsafeRulesTests
{
    [Fact]
    public void Each_item_becomes_a_rule_there_and_one_back()
    {
        DesiredState state = PolicyBuilder.HrIt()
            .Failsafe("192.168.1.0/24", services: "22/tcp 53/udp 80/tcp")
            .Failsafe("192.168.1.0/24", services: "443/tcp icmp/8 icmp/13")
            .Failsafe("192.168.2.0/24 fd00:1::/64", "10.250.1.1/32 fd00:1::/80")
            .Compile();
        Assert.Equal(
            [
                "-s 192.168.1.0/24 -p icmp -m icmp --icmp-type 8 -j ACCEPT",
                "-d 192.168.1.0/24 -p icmp -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-s 192.168.1.0/24 -p icmp -m icmp --icmp-type 13 -j ACCEPT",
                "-s 192.168.1.0/24 -p tcp -m multiport --dports 22,80,443 -j ACCEPT",
                "-d 192.168.1.0/24 -p tcp -m multiport --sports 22,80,443 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-s 192.168.1.0/24 -p udp -m multiport --dports 53 -j ACCEPT",
                "-d 192.168.1.0/24 -p udp -m multiport --sports 53 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-s 192.168.2.0/24 -d 10.250.1.1/32 -j ACCEPT",
                "-s 10.250.1.1/32 -d 192.168.2.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
            ],
            state.Families[0].Chain.Take(10).Select(rule => rule.ToString()));
        Assert.Equal(
            [
                "-s fd00:1::/64 -d fd00:1::/80 -j ACCEPT",
                "-s fd00:1::/80 -d fd00:1::/64 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
            ],
            state.Families[1].Chain.Take(3).Select(rule => rule.ToString()));
    }

    [Fact]
    public void An_exception_is_asked_for_behind_what_is_accepted()
    {
        PolicyBuilder policy = PolicyBuilder.HrIt().Except("192.168.1.0/24", "it");
        Assert.Contains("! --match-set dcos-exceptions src,dst", policy.Compile().Families[0].Jump.ToString(), StringComparison.Ordinal);
        FamilyState family = policy.Failsafe("192.168.1.0/24").Compile().Families[0];
        Assert.DoesNotContain("dcos-exceptions", family.Jump.ToString(), StringComparison.Ordinal);
        Assert.Equal("-m set --match-set dcos-exceptions src,dst -j RETURN", family.Chain[2].ToString());
    }

    [Fact]
    public void Every_address_and_every_port_need_no_match()
    {
        DesiredState state = PolicyBuilder.HrIt().Failsafe("0.0.0.0/1 128.0.0.0/1", services: "0-65535/tcp icmpv6").Compile();
        Assert.Equal(
            ["-p tcp -j ACCEPT", "-p tcp -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
            state.Families[0].Chain.Take(2).Select(rule => rule.ToString()));
        Assert.DoesNotContain(state.Families.SelectMany(family => family.Chain).Skip(2), rule => rule.Target == RuleTarget.Accept);
    }

    [Fact]
    public void Many_ports_are_divided_among_as_few_rules_as_can_hold_them()
    {
        string ports = string.Join(' ', Enumerable.Range(1, 31).Select(port => $"{2 * port}/tcp"));
        ImmutableArray<Rule> chain = PolicyBuilder.HrIt().Failsafe("10.250.0.0/16", services: ports).Compile().Families[0].Chain;
        Assert.Equal(6, chain.Count(rule => rule.Target == RuleTarget.Accept));
    }

    [Fact]
    public void Before_each_rule_that_refuses_is_one_that_logs_with_the_same_matches()
    {
        DesiredState state = PolicyBuilder.HrIt().Net("dev", "172.16.0.0/12", internalAllowed: false)
            .Deny("hr", "it", "22/tcp").Deny("*", "dev").Deny("hr", "dev", "icmp").Drop().Log("denied: ", 7).Compile();
        ImmutableArray<Rule> chain = state.Families[0].Chain;
        const string log = "-m limit --limit 10/sec -j NFLOG --nflog-prefix \"denied: \" --nflog-group 7";
        int refusals = 0;
        for (int i = 0; i < chain.Length; i++)
        {
            if (chain[i].Target == RuleTarget.Drop)
            {
                refusals++;
                string matches = new Rule
                {
                    Source = chain[i].Source,
                    Destination = chain[i].Destination,
                    Protocol = chain[i].Protocol,
                    Ports = chain[i].Ports,
                    Sets = chain[i].Sets,
                    Target = RuleTarget.Return,
                }.ToString().Replace("-j RETURN", log, StringComparison.Ordinal);
                Assert.Equal(matches, chain[i - 1].ToString());
            }
        }

        Assert.True(refusals > 3, $"{refusals}");
        Assert.Equal(refusals, chain.Count(rule => rule.Target == RuleTarget.Log));
        Assert.Equal("policy d1", chain[^1].Comment);
    }

    [Fact]
    public void Nothing_is_logged_where_nothing_is_refused()
    {
        DesiredState state = PolicyBuilder.HrIt().AcceptByDefault().Log().Compile();
        Assert.DoesNotContain(state.Families.SelectMany(family => family.Chain), rule => rule.Target == RuleTarget.Log);
    }

    [Fact]
    public void Items_in_any_order_are_the_same_rules() => PolicyGen.Policies.Sample(policy =>
    {
        IsolationPolicy reversed = policy with { Failsafe = [.. policy.Failsafe.Reverse()] };
        Assert.Equal(StateDigest.Of(Compile(policy)), StateDigest.Of(Compile(reversed)));
        Assert.Equal(PolicyDigest.Compute(policy), PolicyDigest.Compute(reversed));
    });

    private static DesiredState Compile(IsolationPolicy policy) => PolicyCompiler.Compile(policy, "d", KernelAbilities.All);
}

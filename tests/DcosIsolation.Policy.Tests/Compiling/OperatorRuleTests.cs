using DcosIsolation.Policy.Tests.Reading;
using Xunit;

namespace DcosIsolation.Policy.Tests;

public class OperatorRuleTests
{
    private const string Policy = """
        version: 1
        networks:
          hr: {subnets: [192.168.0.0/16, "fd00:1::/64"]}
          it: {subnets: [10.250.0.0/16]}
        allow: [{from: hr, to: 10.250.1.0/24, ports: [80]}]
        exceptions: [[hr, 192.168.9.0/24]]
        rules:
          first:
            - -s @hr -p tcp --dport 22 -j ACCEPT
            - {ipv4: "-s 192.0.2.0/24 -j ACCEPT"}
            - -s @it -j DROP
            - "! -s @it -j LOG"
          last:
            - {ipv6: "-p ipv6-icmp -j ACCEPT"}
            - -d @hr

        """;

    [Fact]
    public void They_stand_before_and_behind_what_judges_with_the_networks_sets() => Assert.Equal(
        """
        -d 192.168.9.0/24 -m set --match-set dcos-net-hr src -j RETURN
        -m set --match-set dcos-net-hr src -p tcp --dport 22 -j ACCEPT
        -s 192.0.2.0/24 -j ACCEPT
        -m set --match-set dcos-net-it src -j DROP
        -m set ! --match-set dcos-net-it src -j LOG
        """,
        string.Join('\n', Chain(Family.Inet).Take(5)));

    [Fact]
    public void The_last_of_them_comes_before_the_default()
    {
        string[] chain = Chain(Family.Inet);
        Assert.Equal("-m set --match-set dcos-net-hr dst", chain[^2]);
        Assert.Contains("--comment \"policy d\"", chain[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_family_without_the_network_a_rule_that_asks_for_it_is_left_out_and_one_that_asks_for_the_others_is_for_all() =>
        Assert.Equal(
            """
            -m set --match-set dcos-net-hr6 src -p tcp --dport 22 -j ACCEPT
            -j LOG
            -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
            -m set --match-set dcos-net-hr6 src -m set --match-set dcos-net-hr6 dst -j RETURN
            -p ipv6-icmp -j ACCEPT
            -m set --match-set dcos-net-hr6 dst
            -m set --match-set dcos-overlays6 src -m set --match-set dcos-overlays6 dst -m comment --comment "policy d" -j REJECT
            """,
            string.Join('\n', Chain(Family.Inet6)));

    [Fact]
    public void A_set_that_only_they_ask_is_made_where_no_list_holds_it()
    {
        DesiredState state = Compile(new KernelAbilities(true, true, false));
        Assert.Contains("dcos-net-it", state.Families[0].Sets.Select(set => set.Name));
    }

    [Fact]
    public void Each_knows_its_place_and_is_the_same_under_other_names_of_the_set()
    {
        Rule rule = Compile(KernelAbilities.All).Families[0].Chain.Single(item => item.Text == "-j DROP");
        Rule live = rule.WithSets(set => set + "+");
        Assert.Equal(new SourceLocation("policy.yaml", 11, 7), live.Location);
        Assert.Equal("-m set --match-set dcos-net-it+ src -j DROP", live.ToString());
        Assert.Equal(rule.Meaning, live.Meaning);
        Assert.NotEqual(rule, live);
    }

    private static DesiredState Compile(KernelAbilities abilities) => PolicyCompiler.Compile(Reader.Good(Policy), "d", abilities);

    // Without sets of pairs exceptions are rules.
    private static string[] Chain(Family family) =>
        [.. Compile(new KernelAbilities(false, false, true)).Families.Single(item => item.Family == family).Chain.Select(rule => rule.ToString())];
}

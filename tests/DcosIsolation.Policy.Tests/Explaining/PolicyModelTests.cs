using System.Collections.Immutable;
using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests;

public class PolicyModelTests
{
    private static readonly Gen<IsolationPolicy> s_policies = Gen.OneOf(PolicyGen.Policies, PolicyGen.WidePolicies);

    [Fact]
    public void Its_rulings_are_what_the_documentation_says() => Check((policy, model, packet) =>
    {
        Ruling ruling = Judge(model, packet);
        Assert.Equal(SlowModel.Judge(policy with { Rules = OperatorRules.None }, packet), TargetOf(ruling.Verdict));

        // Where no rule of the operator's is named that may decide, none does.
        if (ruling.MayDecideFirst.IsEmpty)
        {
            Assert.Equal(SlowModel.Judge(policy, packet), TargetOf(ruling.Verdict));
        }
    });

    [Fact]
    public void What_is_shadowed_would_decide_without_the_decider() => Check((policy, model, packet) =>
    {
        Ruling ruling = Judge(model, packet);
        if (ruling.Decider is not { Kind: not (StatementKind.Default or StatementKind.InternalAllow or StatementKind.InternalDeny) } decider)
        {
            return;
        }

        Ruling rest = Judge(new PolicyModel(Without(policy, decider)), packet);
        Statement? next = ruling.Shadowed.FirstOrDefault(statement => statement.Verdict != RulingVerdict.Unknown);
        Assert.Equal(next?.Text ?? (policy.Default == DefaultVerdict.Accept ? "default: accept" : "default: deny"), rest.Decider!.Text);
    });

    [Fact]
    public void Every_service_belongs_to_one_of_a_pairs_items_which_rules_it() => Check((_, model, packet) =>
    {
        AddressClasses classes = model.Classes(packet.Family);
        ImmutableArray<ServiceRuling> all =
            model.Services(packet.Family, classes.ClassOf(packet.Source), classes.ClassOf(packet.Destination));
        Assert.Equal(all.OrderBy(item => item.Protocol ?? (Protocol)255).ThenBy(item => item.First), all);
        ServiceRuling[] own = [.. all.Where(item => (byte?)item.Protocol == packet.Protocol)];
        ServiceRuling found = own.Length == 0
            ? all[^1]
            : Assert.Single(own, item => item.First <= packet.Port && packet.Port <= item.Last);
        Assert.True(found.Ruling.IsSameAs(Judge(model, packet)));
        Assert.Equal(own.Length == 0 ? 0 : ushort.MaxValue + 1, own.Sum(item => item.Last - item.First + 1));
    });

    [Fact]
    public void The_decider_is_named_with_its_place_and_so_is_what_it_shadows()
    {
        PolicyModel model = new(new PolicyBuilder()
            .Net("hr", "192.168.0.0/16")
            .Net("it", "10.250.0.0/16", internalAllowed: false)
            .Deny("hr", "it", "22/tcp")
            .Allow("hr", "*")
            .Except("192.168.9.0/24", "it")
            .Failsafe("192.168.1.1/32", "", "22/tcp")
            .Build());
        Assert.Equal(
            "Rejected policy.yaml:1:1: deny from hr to it ports 22/tcp, not allow from hr to *",
            Explain(model, "192.168.1.2", "10.250.0.1", "22/tcp"));
        Assert.Equal("Passes policy.yaml:1:1: allow from hr to *", Explain(model, "192.168.1.2", "10.250.0.1", "80/tcp"));
        Assert.Equal(
            "Passes policy.yaml:1:1: network hr internal: allow, not allow from hr to *",
            Explain(model, "192.168.1.2", "192.168.1.3", "1/tcp"));
        Assert.Equal("Rejected policy.yaml:2:1: network it internal: deny", Explain(model, "10.250.0.1", "10.250.0.2", "80/tcp"));
        Assert.Equal("Rejected default: deny", Explain(model, "10.250.0.1", "192.168.1.2", "80/tcp"));
        Assert.Equal(
            "NotJudged policy.yaml:1:1: exception from 192.168.9.0/24 to it, not deny from hr to it ports 22/tcp, not allow from hr to *",
            Explain(model, "192.168.9.1", "10.250.0.1", "22/tcp"));
        Assert.Equal(
            "Accepted policy.yaml:1:1: failsafe from 192.168.1.1/32 ports 22/tcp, not deny from hr to it ports 22/tcp, not allow from hr to *",
            Explain(model, "192.168.1.1", "10.250.0.1", "22/tcp"));
        Assert.Equal("NotJudged", Explain(model, "192.168.1.1", "10.251.0.1", "22/tcp"));
    }

    [Fact]
    public void An_operators_rule_may_decide_first_where_its_networks_fit_and_it_does_not_only_log()
    {
        PolicyModel model = new(PolicyBuilder.HrIt()
            .First("-p tcp -j ACCEPT", new NetworkMatch("hr", IsSource: true, Negated: false))
            .First("-m limit --limit 5/min -j LOG --log-prefix 'a -j DROP '")
            .First("-p tcp")
            .Last("-j DROP", new NetworkMatch("it", IsSource: false, Negated: true))
            .Build());
        Ruling allowed = model.Judge(Family.Inet, Address("192.168.1.1"), Address("10.250.1.1"), Service("80/tcp"));
        Assert.Equal(["rules.first: -m set --match-set @hr src -p tcp -j ACCEPT"], allowed.MayDecideFirst.Select(item => item.Text));
        Assert.Equal(RulingVerdict.Passes, allowed.Verdict);
        Assert.Empty(allowed.Shadowed);

        Ruling back = model.Judge(Family.Inet, Address("10.250.1.1"), Address("192.168.1.1"), Service("80/tcp"));
        Assert.Equal(["rules.last: -m set ! --match-set @it dst -j DROP"], back.MayDecideFirst.Select(item => item.Text));
        Assert.Equal(StatementKind.Default, back.Decider!.Kind);
    }

    [Fact]
    public void The_services_of_a_pair_are_the_fewest_ranges_that_are_ruled_alike()
    {
        PolicyModel model = new(new PolicyBuilder()
            .Net("hr", "192.168.0.0/16 fd00:1::/64")
            .Net("it", "10.250.0.0/16 fd00:2::/64")
            .Allow("hr", "it", "80/tcp 443/tcp 8000-8100/udp icmp/8 icmp/3/1 icmpv6")
            .Deny("hr", "it", "8050/udp")
            .Build());
        Assert.Equal(
            "icmp/0/0-3/0 no, icmp/3/1 yes, icmp/3/2-7/255 no, icmp/8 yes, icmp/9-255 no, "
            + "0-79/tcp no, 80/tcp yes, 81-442/tcp no, 443/tcp yes, 444-65535/tcp no, "
            + "0-7999/udp no, 8000-8049/udp yes, 8050/udp no, 8051-8100/udp yes, 8101-65535/udp no, other no",
            Services(Family.Inet, "192.168.1.1", "10.250.1.1"));
        Assert.Contains("udp no, icmpv6 yes, other no", Services(Family.Inet6, "fd00:1::1", "fd00:2::1"), StringComparison.Ordinal);
        Assert.Equal("other yes", Services(Family.Inet, "192.168.1.1", "192.168.1.2"));
        Assert.Equal("other yes", Services(Family.Inet, "192.168.1.1", "1.2.3.4"));

        string Services(Family family, string source, string destination)
        {
            AddressClasses classes = model.Classes(family);
            return string.Join(", ", model.Services(family, classes.ClassOf(Address(source)), classes.ClassOf(Address(destination)))
                .Select(item => $"{item.Text} {(TargetOf(item.Ruling.Verdict) == RuleTarget.Return ? "yes" : "no")}"));
        }
    }

    private static void Check(Action<IsolationPolicy, PolicyModel, Packet> check) =>
        Gen.Select(s_policies, PolicyGen.Packets.Array[40]).Sample(
            (policy, packets) =>
            {
                PolicyModel model = new(policy);
                foreach (Packet packet in packets)
                {
                    check(policy, model, packet with { Established = false });
                }
            },
            iter: 1000);

    private static Ruling Judge(PolicyModel model, Packet packet) =>
        model.Judge(packet.Family, packet.Source, packet.Destination, new PacketService(packet.Protocol, packet.Port));

    private static IsolationPolicy Without(IsolationPolicy policy, Statement statement) => policy with
    {
        Deny = [.. policy.Deny.Where(clause => clause != statement.Clause)],
        Allow = [.. policy.Allow.Where(clause => clause != statement.Clause)],
        Exceptions = [.. policy.Exceptions.Where(pair => !ReferenceEquals(pair, statement.Exception))],
        Failsafe = [.. policy.Failsafe.Where(item => item != statement.FailsafeItem)],
    };

    private static RuleTarget TargetOf(RulingVerdict verdict) => verdict switch
    {
        RulingVerdict.Accepted => RuleTarget.Accept,
        RulingVerdict.Rejected => RuleTarget.Reject,
        RulingVerdict.Dropped => RuleTarget.Drop,
        _ => RuleTarget.Return,
    };

    private static string Explain(PolicyModel model, string source, string destination, string service)
    {
        Ruling ruling = model.Judge(Family.Inet, Address(source), Address(destination), Service(service));
        string place = ruling.Decider?.Location is { } location ? $" {location}:" : "";
        string shadowed = string.Concat(ruling.Shadowed.Select(item => $", not {item.Text}"));
        return $"{ruling.Verdict}{place}{(ruling.Decider is { } decider ? $" {decider.Text}" : "")}{shadowed}";
    }

    private static UInt128 Address(string text) =>
        PolicyBuilder.Prefix(text.Contains(':', StringComparison.Ordinal) ? $"{text}/128" : $"{text}/32").Bits;

    private static PacketService Service(string text) => PacketService.FirstOf(PolicyBuilder.Service(text));
}

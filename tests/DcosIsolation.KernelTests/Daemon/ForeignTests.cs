using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>What others made under the project's names, refer to, or took away.</summary>
public sealed class ForeignTests : IDisposable
{
    private readonly Node _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("create dcos-net-hr bitmap:ip range 10.0.0.0/24", "bitmap:ip")]
    [InlineData("create dcos-net-hr6+ hash:ip family inet6", "hash:ip")]
    [InlineData("create dcos-overlays bitmap:port range 1-9", "bitmap:port")]
    public void A_foreign_set_under_a_name_that_is_needed_stops_the_apply(string create, string type)
    {
        _node.Reference($"ipset {create}");
        AssertRefused(Policies.HrIt, create.Split(' ')[1], type);
    }

    [Fact]
    public void A_foreign_set_that_is_not_needed_stays()
    {
        _node.Reference("ipset create dcos-net-dev bitmap:ip range 10.0.0.0/24");
        string before = _node.Sets();

        _node.Apply(Policies.HrIt);
        Assert.Contains(before.Trim(), _node.Sets(), StringComparison.Ordinal);

        _node.Run("remove").EnsureSuccess();
        Assert.Equal(before, _node.Sets());
    }

    [Fact]
    public void A_set_that_a_foreign_rule_asks_outlives_the_switch_until_the_rule_is_gone()
    {
        _node.Apply(Policies.HrIt);
        _node.Reference("iptables-legacy -A FORWARD -m set --match-set dcos-net-it src -j ACCEPT");

        ProgramResult result = _node.Apply(Policies.HrItMore);

        Assert.Contains("dcos-net-it is no longer needed", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, _node.Plan(Policies.HrItMore).ExitCode);
        Assert.Contains("dcos-net-it+", _node.SetNames());
        Assert.Contains("dcos-net-it", _node.SetNames());

        _node.Reference("iptables-legacy -D FORWARD -m set --match-set dcos-net-it src -j ACCEPT");
        Assert.Equal(3, _node.Plan(Policies.HrItMore).ExitCode);
        Assert.Empty(_node.Apply(Policies.HrItMore).Error);
        Assert.DoesNotContain("dcos-net-it", _node.SetNames());
        Assert.Equal(0, _node.Plan(Policies.HrItMore).ExitCode);
    }

    [Fact]
    public void Where_every_name_of_a_set_is_taken_nothing_is_written()
    {
        _node.Apply(Policies.HrIt);
        _node.Reference("iptables-legacy -A FORWARD -m set --match-set dcos-net-it src -j ACCEPT");
        _node.Apply(Policies.HrItMore);
        _node.Reference("iptables-legacy -A FORWARD -m set --match-set dcos-net-it+ src -j ACCEPT");
        _node.Apply(Policies.HrItMore.Replace("10.251", "10.252", StringComparison.Ordinal));

        AssertRefused(Policies.HrItMore.Replace("10.251", "10.253", StringComparison.Ordinal), "dcos-net-it", "dcos-net-it+", "dcos-net-it=");
    }

    [Fact]
    public void A_chain_that_someone_filled_is_adopted_and_said()
    {
        _node.Reference("iptables-legacy -N dcos-isolation");
        _node.Reference("iptables-legacy -A dcos-isolation -s 10.0.0.0/8 -j ACCEPT");

        ProgramResult result = _node.Apply(Policies.HrIt);

        Assert.Contains(
            "1 rule that the project did not write and takes away: -s 10.0.0.0/8 -j ACCEPT", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("-s 10.0.0.0/8 -j ACCEPT", _node.Rules(isInet6: false), StringComparison.Ordinal);
        Assert.Equal(0, _node.Plan(Policies.HrIt).ExitCode);
    }

    [Fact]
    public void A_jump_from_a_foreign_chain_is_left_and_keeps_the_chain()
    {
        _node.Apply(Policies.HrIt);
        _node.Reference("ip6tables-legacy -N theirs");
        _node.Reference("ip6tables-legacy -A theirs -p tcp -j dcos-isolation");

        ProgramResult result = _node.Apply(Policies.HrItMore);
        Assert.Contains("theirs rule 1 of IPv6 jumps to dcos-isolation too", result.Error, StringComparison.Ordinal);
        Assert.Contains("-A theirs -p tcp -j dcos-isolation", _node.Rules(isInet6: true), StringComparison.Ordinal);

        string before = _node.Everything();
        ProgramResult removal = _node.Run("remove");
        Assert.Equal(1, removal.ExitCode);
        Assert.Contains("theirs rule 1 jumps to it", removal.Error, StringComparison.Ordinal);
        Assert.Equal(before, _node.Everything());
    }

    [Fact]
    public void What_was_changed_by_hand_is_repaired()
    {
        _node.Apply(Policies.HrIt);
        string[] wanted = Ours();
        foreach (string damage in new[]
        {
            "iptables-legacy -I FORWARD -p tcp -j ACCEPT",
            "ip6tables-legacy -D FORWARD 1",
            "ipset flush dcos-net-hr",
            "ipset add dcos-net-it6 fd00:99::/64",
            "ipset del dcos-overlays dcos-net-it",
            "iptables-legacy -F dcos-isolation",
            "ip6tables-legacy -A dcos-isolation -j ACCEPT",
            "iptables-legacy -A FORWARD -j dcos-isolation",
        })
        {
            // A repair builds a set under its other name.
            Dictionary<string, string> inForce = _node.SetNames().ToDictionary(Reduced.Logical);
            _node.Reference(string.Join(' ', damage.Split(' ').Select(word => inForce.GetValueOrDefault(word, word))));
            Assert.Equal(3, _node.Plan(Policies.HrIt).ExitCode);
            _node.Apply(Policies.HrIt);
            Assert.Equal(wanted, Ours());
            Assert.Equal(0, _node.Plan(Policies.HrIt).ExitCode);
        }

        // Our part of the state, in whichever slots and at whatever time: what stands first in FORWARD, the chains, the sets.
        string[] Ours()
        {
            string sets = _node.Sets();
            string[] rules = [_node.Rules(isInet6: false), _node.Rules(isInet6: true)];
            return
            [
                .. rules.Select(text => Reduced.Family(text, sets)),
                .. rules.Select(text => text.Split('\n').First(line => line.Contains("-A FORWARD ", StringComparison.Ordinal)))
                    .Select(Reduced.Logical),
                .. sets.Split('\n').Where(line => line.StartsWith("create ", StringComparison.Ordinal))
                    .Select(line => Reduced.Logical(line.Split(' ')[1])).Order(StringComparer.Ordinal),
            ];
        }
    }

    [Theory]
    [InlineData(Netlink.NetfilterFamily.Inet)]
    [InlineData(Netlink.NetfilterFamily.Inet6)]
    public void Foreign_rules_stay_byte_for_byte(Netlink.NetfilterFamily family)
    {
        _node.Space.Run(() => Xtables.ForeignRules.Load(family));
        (string Text, string Bytes) before = Foreign();
        foreach (string policy in new[] { Policies.HrIt, Policies.HrItMore, Policies.HrIt })
        {
            _node.Apply(policy);
            Assert.Equal(before, Foreign());
        }

        _node.Run("remove").EnsureSuccess();
        Assert.Equal(before, Foreign());

        (string Text, string Bytes) Foreign() => _node.Space.Run(() => (
            Xtables.ForeignRules.Save(family, without: "dcos-isolation"),
            string.Join('\n', Xtables.ForeignRules.Bytes(family, without: "dcos-isolation"))));
    }

    private void AssertRefused(string policy, params string[] named)
    {
        string before = _node.Everything();

        ProgramResult result = _node.Run("apply", _node.Policy(policy));

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.All(named, text => Assert.Contains(text, result.Error, StringComparison.Ordinal));
        Assert.Equal(before, _node.Everything());
    }
}

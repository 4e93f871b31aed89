using System.Text.Json;
using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>apply, plan, show and remove against what the reference programs see.</summary>
public sealed class ApplyTests : IDisposable
{
    private const string Chain = "-A dcos-isolation ";

    private readonly Node _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void A_second_apply_writes_nothing()
    {
        string first = _node.Apply(Policies.HrIt).Output;
        string before = _node.Everything();

        ProgramResult second = _node.Apply(Policies.HrIt);

        Assert.StartsWith("applied: ", first, StringComparison.Ordinal);
        Assert.StartsWith("nothing to do", second.Output, StringComparison.Ordinal);
        Assert.Equal(before, _node.Everything());
    }

    [Fact]
    public void The_plan_says_what_apply_then_does()
    {
        ProgramResult pending = _node.Run("plan", "--json", _node.Policy(Policies.HrIt));
        Assert.Equal(3, pending.ExitCode);
        using JsonDocument plan = JsonDocument.Parse(pending.Output);
        Assert.True(plan.RootElement.GetProperty("changes").GetBoolean());
        Assert.Empty(_node.SetNames());

        ProgramResult done = _node.Run("apply", "--json", _node.Policy(Policies.HrIt));
        using JsonDocument applied = JsonDocument.Parse(done.Output);

        Assert.Equal(0, done.ExitCode);
        Assert.True(applied.RootElement.GetProperty("changed").GetBoolean());
        Assert.Equal(2, applied.RootElement.GetProperty("tableCommits").GetInt32());
        string[] planned = [.. plan.RootElement.GetProperty("sets").EnumerateArray().Select(set => set.GetProperty("name").GetString()!)];
        Assert.Equal(planned.Length, applied.RootElement.GetProperty("setsMade").GetInt32());
        Assert.Equal(planned.Order(StringComparer.Ordinal), _node.SetNames());
        int entries = plan.RootElement.GetProperty("sets").EnumerateArray().Sum(set => set.GetProperty("entriesAdded").GetInt32());
        Assert.Equal(entries, _node.Sets().Split('\n').Count(line => line.StartsWith("add ", StringComparison.Ordinal)));
        int rules = plan.RootElement.GetProperty("rules").GetArrayLength();
        Assert.Equal(rules, (_node.Rules(false) + _node.Rules(true)).Split("dcos-isolation").Length - 1 - 2);

        Assert.Equal(0, _node.Plan(Policies.HrIt).ExitCode);
    }

    [Fact]
    public void Plan_apply_and_show_agree_on_the_digests()
    {
        string[] expected = Digests(_node.Run("plan", "--json", _node.Policy(Policies.HrIt)));

        Assert.Equal(expected, Digests(_node.Run("apply", "--json", _node.Policy(Policies.HrIt))));
        Assert.Equal(expected, Digests(_node.Run("show", "--json")));

        _node.Reference("ipset add dcos-net-it 10.99.0.0/16");
        string[] drifted = Digests(_node.Run("show", "--json"));
        Assert.Equal(expected[0], drifted[0]);
        Assert.NotEqual(expected[1], drifted[1]);

        static string[] Digests(ProgramResult result)
        {
            using JsonDocument json = JsonDocument.Parse(result.Output);
            return [json.RootElement.GetProperty("policyDigest").GetString()!, json.RootElement.GetProperty("stateDigest").GetString()!];
        }
    }

    [Fact]
    public void Remove_leaves_what_was_there_before_the_first_apply()
    {
        _node.Space.Run(() =>
        {
            Xtables.ForeignRules.Load(Netlink.NetfilterFamily.Inet);
            Xtables.ForeignRules.Load(Netlink.NetfilterFamily.Inet6);
        });
        _node.Reference("ipset create foreign hash:net comment counters");
        _node.Reference("ipset add foreign 10.0.0.0/8 comment theirs");
        _node.Reference("ipset create dcos list:set");
        _node.Reference("ipset add dcos foreign");
        _node.Reference("iptables-legacy -A FORWARD -m set --match-set foreign src -j ACCEPT");
        string before = _node.Everything();

        _node.Apply(Policies.HrIt);
        _node.Apply(Policies.HrItMore);
        ProgramResult removed = _node.Run("remove").EnsureSuccess();

        Assert.StartsWith("removed ", removed.Output, StringComparison.Ordinal);
        Assert.Equal(before, _node.Everything());
        Assert.Equal("nothing to remove\n", _node.Run("remove").EnsureSuccess().Output);
        Assert.StartsWith("no policy is in force", _node.Run("show").EnsureSuccess().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/full", "No space left on device")]
    [InlineData("&-", "standard output is closed")]
    public void A_report_that_cannot_be_written_changes_nothing_about_what_was_done(string output, string reason)
    {
        string policy = _node.Policy(Policies.HrIt);

        ProgramResult applied = Into("apply", policy);
        Assert.Equal(0, applied.ExitCode);
        Assert.Equal($"isolation-netlinkd: applied, but the report could not be written: {reason}\n", applied.Error);
        Assert.Equal(0, _node.Run("plan", policy).ExitCode);
        Assert.Equal(1, Into("show").ExitCode);
        ProgramResult removed = Into("remove");
        Assert.Equal(0, removed.ExitCode);
        Assert.Equal($"isolation-netlinkd: removed, but the report could not be written: {reason}\n", removed.Error);
        Assert.Empty(_node.SetNames());

        ProgramResult Into(params string[] arguments) =>
            _node.Exec(["sh", "-c", $"\"$@\" >{output}", "sh", .. _node.Netlinkd(arguments)]);
    }

    [Fact]
    public void Rules_that_stay_keep_their_counters()
    {
        _node.Apply(Policies.HrIt);
        foreach (string family in new[] { "iptables", "ip6tables" })
        {
            string rules = _node.Reference($"{family}-legacy-save -c -t filter");
            string counted = rules.Replace("[0:0] -A", "[7:700] -A", StringComparison.Ordinal);
            _node.Reference($"{family}-legacy-restore -c", counted);
        }

        // One more rule, whether it asks a set or names the port, and sets built anew.
        _node.Apply(Policies.HrIt.Replace("it: {subnets: [", "it: {subnets: [10.251.0.0/24, ", StringComparison.Ordinal)
            + "deny: [{from: it, to: hr, ports: [22]}]");

        foreach (bool isInet6 in new[] { false, true })
        {
            string[] rules = [.. _node.Rules(isInet6).Split('\n').Where(line => line.Contains(Chain, StringComparison.Ordinal))];
            string added = Assert.Single(
                rules, line => line.Contains("REJECT", StringComparison.Ordinal) && !line.Contains("--comment", StringComparison.Ordinal));
            Assert.StartsWith("[0:0]", added, StringComparison.Ordinal);
            Assert.All(rules.Where(line => line != added), line => Assert.StartsWith("[7:700]", line, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void What_only_one_family_has_touches_only_that()
    {
        _node.Apply(Policies.HrIt.Replace("\"fd00:1::/64\"", "10.1.0.0/16", StringComparison.Ordinal)
            .Replace("\"fd00:2::/64\"", "10.2.0.0/16", StringComparison.Ordinal));

        Assert.DoesNotContain("dcos", _node.Rules(isInet6: true), StringComparison.Ordinal);
        Assert.DoesNotContain("inet6", _node.Sets(), StringComparison.Ordinal);

        _node.Apply(Policies.HrIt);
        Assert.Contains(Chain, _node.Rules(isInet6: true), StringComparison.Ordinal);

        _node.Apply(Policies.HrIt.Replace("192.168.0.0/16, ", "", StringComparison.Ordinal)
            .Replace("10.250.0.0/16, ", "", StringComparison.Ordinal));
        Assert.DoesNotContain("dcos", _node.Rules(isInet6: false), StringComparison.Ordinal);
        Assert.Contains(Chain, _node.Rules(isInet6: true), StringComparison.Ordinal);
    }
}

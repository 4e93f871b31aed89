using System.Text.Json;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

public sealed class RulesReportTests
{
    private static readonly RulesReport s_report = new(
        [
            new ListedRule(Family.Inet, "FORWARD", new XtablesCounters(12, 720), "-m mark --mark 1 -j dcos-isolation"),
            new ListedRule(Family.Inet, "dcos-isolation", default, "-j DROP"),
        ],
        [new ListedRule(Family.Inet6, "dcos-isolation", new XtablesCounters(1, 2), "")]);

    [Fact]
    public void The_text_is_that_of_iptables_save_family_by_family() => Assert.Equal(
        """
        # IPv4
        *filter
        :dcos-isolation - [0:0]
        [12:720] -A FORWARD -m mark --mark 1 -j dcos-isolation
        [0:0] -A dcos-isolation -j DROP
        COMMIT
        # IPv6
        *filter
        :dcos-isolation - [0:0]
        [1:2] -A dcos-isolation
        COMMIT

        """,
        ReportText.Of(s_report.WriteText));

    [Fact]
    public void A_family_without_the_chain_is_left_out() => Assert.Equal(
        "# IPv6\n*filter\n:dcos-isolation - [0:0]\n[1:2] -A dcos-isolation\nCOMMIT\n",
        ReportText.Of((s_report with { Inet = null }).WriteText));

    [Fact]
    public void Nothing_in_force_is_said() => Assert.Equal("no policy is in force\n", ReportText.Of(new RulesReport(null, null).WriteText));

    [Fact]
    public void The_json_has_the_same_rules()
    {
        using JsonDocument json = JsonDocument.Parse(ReportText.Json(s_report.WriteJson));

        JsonElement[] rules = [.. json.RootElement.GetProperty("rules").EnumerateArray()];
        Assert.Equal(3, rules.Length);
        Assert.Equal(
            ["family ipv4", "chain FORWARD", "packets 12", "bytes 720", "rule -m mark --mark 1 -j dcos-isolation"],
            rules[0].EnumerateObject().Select(field => $"{field.Name} {field.Value}"));
        Assert.Equal("ipv6", rules[2].GetProperty("family").GetString());
    }
}

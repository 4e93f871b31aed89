using System.Text.Json;
using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

public sealed class ShowReportTests
{
    [Fact]
    public void Nothing_in_force_is_said() =>
        Assert.Equal("no policy is in force\n", ReportText.Of(new ShowReport(State.Nothing).WriteText));

    [Fact]
    public void Sets_rules_and_the_policys_own_names_are_shown() => Assert.Equal(
        $"""
        policy digest  d1, applied 2026-03-04T05:06:07Z
        state digest   {StateDigest.Of(State.InForce())}

        SET                            TYPE          NETWORK                     ENTRIES  MAXELEM  BYTES
        dcos-exceptions                hash:net,net                              unknown  1024     77
        dcos-net-accounting-~90dc2f7e  hash:net      accounting-and-controlling  2        65536    102
        dcos-net-hr                    hash:net      hr                          1        65536    101
        dcos-net-hr6+                  hash:net      hr                          1        65536    101
        dcos-overlays                  list:set                                  2                 102
        dcos-overlays6                 list:set                                  1                 101

        PACKETS  BYTES  IPv4 RULE
        12       1000   -I FORWARD 1 -m set --match-set dcos-overlays src -m set --match-set dcos-overlays dst -j dcos-isolation
        0        0      -A dcos-isolation -p gre -j ACCEPT
        4        320    -A dcos-isolation -m comment --comment "policy d1" -j REJECT

        PACKETS  BYTES  IPv6 RULE
        12       1000   -I FORWARD 1 -m set --match-set dcos-overlays6 src -m set --match-set dcos-overlays6 dst -j dcos-isolation
        0        0      -A dcos-isolation -p gre -j ACCEPT
        4        320    -A dcos-isolation -m comment --comment "policy d1" -j REJECT

        """,
        ReportText.Of(new ShowReport(State.InForce()).WriteText));

    [Fact]
    public void The_json_has_the_same_fields_whatever_is_in_force()
    {
        using JsonDocument nothing = JsonDocument.Parse(ReportText.Json(new ShowReport(State.Nothing).WriteJson));
        using JsonDocument much = JsonDocument.Parse(ReportText.Json(new ShowReport(State.InForce()).WriteJson));

        Assert.Equal(Fields(much.RootElement), Fields(nothing.RootElement));
        Assert.Equal(["inForce", "policyDigest", "stateDigest", "appliedAt", "pending", "sets", "rules"], Fields(much.RootElement));
        Assert.False(nothing.RootElement.GetProperty("inForce").GetBoolean());
        Assert.True(much.RootElement.GetProperty("inForce").GetBoolean());
        JsonElement exceptions = much.RootElement.GetProperty("sets").EnumerateArray().Last();
        Assert.Equal(["name", "type", "family", "network", "entries", "maxelem", "references", "memoryBytes"], Fields(exceptions));
        JsonElement jump = much.RootElement.GetProperty("rules").EnumerateArray().First();
        Assert.Equal(["family", "rule", "packets", "bytes"], Fields(jump));
        Assert.Equal(12, jump.GetProperty("packets").GetInt32());
    }

    [Fact]
    public void What_waits_for_being_confirmed_is_shown()
    {
        var soon = new PendingSwitch(Guid.Empty, Guid.Empty, 0, BootClock.Now + TimeSpan.FromHours(1), new DesiredState("d0", []));
        PendingSwitch late = soon with { Deadline = TimeSpan.Zero };

        Assert.Matches(
            "\nto be confirmed within 3(600|59[0-9]) s with 'isolation-netlinkd confirm'; else no policy at all comes back\n",
            ReportText.Of(new ShowReport(State.InForce(), soon).WriteText));
        using JsonDocument json = JsonDocument.Parse(ReportText.Json(new ShowReport(State.InForce(), late).WriteJson));
        JsonElement pending = json.RootElement.GetProperty("pending");
        Assert.Equal(["secondsLeft", "policyDigestBefore"], Fields(pending));
        Assert.Equal(0, pending.GetProperty("secondsLeft").GetInt32());
        Assert.Equal("d0", pending.GetProperty("policyDigestBefore").GetString());
    }

    private static IEnumerable<string> Fields(JsonElement element) => element.EnumerateObject().Select(field => field.Name);
}

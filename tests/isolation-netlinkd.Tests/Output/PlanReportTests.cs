using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

public sealed class PlanReportTests
{
    private static readonly Plan s_nothing = new([], [], [], [], [], []);

    private static readonly Plan s_much = s_nothing with
    {
        Discard = ["dcos-net-old+"],
        Sets =
        [
            new SetChange(SetChangeKind.Create, "dcos-net-a", "hash:net", ["10.1.0.0/16"], []),
            new SetChange(SetChangeKind.Update, "dcos-net-b6", "hash:net", ["fd00:1::/64", "fd00:2::/64"], ["fd00:3::/64"])
            {
                Path = SwitchPath.InPlace,
            },
            new SetChange(SetChangeKind.Update, "dcos-net-c", "hash:net", ["10.2.0.0/16"], []) { Path = SwitchPath.Generation },
            new SetChange(SetChangeKind.Destroy, "dcos-exceptions", "hash:net,net", [], ["10.0.0.0/8,10.1.0.0/16"]),
        ],
        Tables =
        [
            new TablePlan(Family.Inet, null, [], [new RuleChange(RuleChangeKind.Remove, "-A dcos-isolation -j DROP")]),
            new TablePlan(Family.Inet6, new Rule { Target = RuleTarget.JumpToIsolation }, [],
            [
                new RuleChange(RuleChangeKind.Move, "-I FORWARD 1 -j dcos-isolation"),
                new RuleChange(RuleChangeKind.Update, "-A dcos-isolation -j RETURN"),
                new RuleChange(RuleChangeKind.Add, "-A dcos-isolation -j REJECT"),
            ]),
        ],
        Paths =
        [
            new FamilyPath(Family.Inet, SwitchPath.Generation, "2 sets change at once"),
            new FamilyPath(Family.Inet6, SwitchPath.InPlace, "3 changes to 9000 entries"),
        ],
        Notices = ["something to know"],
    };

    private static readonly PlanNeeds s_needsNothing = new(0, 0, 10, 5000);

    private static readonly PlanNeeds s_needs = new(3, 12_900, 10, 30 << 20);

    [Fact]
    public void No_change_is_said() => Assert.Equal(
        """
        no changes: the kernel is as the policy says
        policy digest  p
        state digest   s

        """,
        ReportText.Of(text => new PlanReport(s_nothing, s_needsNothing, "s", "p").WriteText(text, verbose: true)));

    [Fact]
    public void Changes_are_listed() => Assert.Equal(
        """
        + set dcos-net-a hash:net: 1 entry
        ~ set dcos-net-b6 hash:net: 2 added, 1 removed, in place
        ~ set dcos-net-c hash:net: 1 added, 0 removed
        - set dcos-exceptions hash:net,net: 1 entry
        IPv4: new generation, since 2 sets change at once
        IPv6: in place, since 3 changes to 9000 entries
        - IPv4 -A dcos-isolation -j DROP
        ~ IPv6 -I FORWARD 1 -j dcos-isolation
        ~ IPv6 -A dcos-isolation -j RETURN
        + IPv6 -A dcos-isolation -j REJECT
        - leftover set dcos-net-old+
        ! something to know
        needs 12.6 KiB of kernel memory for 3 entries; 30 MiB for 10 entries of old and new sets at a time
        policy digest  p
        state digest   s

        """,
        ReportText.Of(text => new PlanReport(s_much, s_needs, "s", "p").WriteText(text, verbose: false)));

    [Fact]
    public void Entries_are_listed_for_who_wants_more() => Assert.StartsWith(
        """
        + set dcos-net-a hash:net: 1 entry
          + 10.1.0.0/16
        ~ set dcos-net-b6 hash:net: 2 added, 1 removed, in place
          + fd00:1::/64
          + fd00:2::/64
          - fd00:3::/64
        ~ set dcos-net-c hash:net: 1 added, 0 removed
          + 10.2.0.0/16
        - set dcos-exceptions hash:net,net: 1 entry
          - 10.0.0.0/8,10.1.0.0/16

        """,
        ReportText.Of(text => new PlanReport(s_much, s_needs, "s", "p").WriteText(text, verbose: true)),
        StringComparison.Ordinal);

    [Fact]
    public void The_json_says_the_same() => Assert.Equal(
        """
        {
          "changes": true,
          "verdictChanges": [],
          "verdictNotices": [],
          "sets": [
            {
              "change": "create",
              "name": "dcos-net-a",
              "type": "hash:net",
              "entriesAdded": 1,
              "entriesRemoved": 0
            },
            {
              "change": "update",
              "name": "dcos-net-b6",
              "type": "hash:net",
              "entriesAdded": 2,
              "entriesRemoved": 1,
              "path": "in-place"
            },
            {
              "change": "update",
              "name": "dcos-net-c",
              "type": "hash:net",
              "entriesAdded": 1,
              "entriesRemoved": 0,
              "path": "generation"
            },
            {
              "change": "destroy",
              "name": "dcos-exceptions",
              "type": "hash:net,net",
              "entriesAdded": 0,
              "entriesRemoved": 1
            }
          ],
          "paths": [
            {
              "family": "ipv4",
              "path": "generation",
              "why": "2 sets change at once"
            },
            {
              "family": "ipv6",
              "path": "in-place",
              "why": "3 changes to 9000 entries"
            }
          ],
          "rules": [
            {
              "change": "remove",
              "family": "ipv4",
              "rule": "-A dcos-isolation -j DROP"
            },
            {
              "change": "move",
              "family": "ipv6",
              "rule": "-I FORWARD 1 -j dcos-isolation"
            },
            {
              "change": "update",
              "family": "ipv6",
              "rule": "-A dcos-isolation -j RETURN"
            },
            {
              "change": "add",
              "family": "ipv6",
              "rule": "-A dcos-isolation -j REJECT"
            }
          ],
          "newEntries": 3,
          "newBytes": 12900,
          "peakEntries": 10,
          "peakBytes": 31457280,
          "leftovers": [
            "dcos-net-old+"
          ],
          "notices": [
            "something to know"
          ],
          "overlaysEncodings": [],
          "encodings": [],
          "policyDigest": "p",
          "stateDigest": "s"
        }

        """,
        ReportText.Json(new PlanReport(s_much, s_needs, "s", "p").WriteJson));
}

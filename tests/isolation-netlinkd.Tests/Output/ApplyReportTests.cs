using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

public sealed class ApplyReportTests
{
    private static readonly Plan s_nothing = new([], [], [], [], [], []);

    private static readonly Plan s_much = s_nothing with
    {
        Discard = ["dcos-net-old+"],
        Create = [new NetSet("dcos-net-a", Family.Inet, [State.Net("10.1.0.0", 16), State.Net("10.3.0.0", 16)])],
        Destroy = ["dcos-net-a+", "dcos-exceptions"],
        Tables =
        [
            new TablePlan(Family.Inet, new Rule { Target = RuleTarget.JumpToIsolation }, [],
            [
                new RuleChange(RuleChangeKind.Add, ""),
                new RuleChange(RuleChangeKind.Remove, ""),
                new RuleChange(RuleChangeKind.Move, ""),
                new RuleChange(RuleChangeKind.Update, ""),
            ]),
            new TablePlan(Family.Inet6, null, [], [new RuleChange(RuleChangeKind.Remove, "")]),
        ],
        Notices = ["something to know"],
        Shrink =
        [
            new EditPhase([new SetEdit(true, new NetSet("dcos-net-b", Family.Inet, [State.Net("10.4.0.0", 24)]))]),
            new EditPhase([new SetEdit(false, new NetSet("dcos-net-b", Family.Inet, [State.Net("10.4.0.0", 16)]))]),
        ],
        Swaps = [new SetSwap("dcos-exceptions6", "dcos-exceptions6+")],
        Grow = [new EditPhase([new SetEdit(true, new NetSet("dcos-net-b", Family.Inet, [State.Net("10.5.0.0", 16)]))])],
    };

    [Fact]
    public void Nothing_to_do_is_said() => Assert.Equal(
        """
        nothing to do: the kernel is as the policy says
        policy digest  p
        state digest   s

        """,
        ReportText.Of(new ApplyReport(s_nothing, "s", "p").WriteText));

    [Fact]
    public void What_was_done_is_counted() => Assert.Equal(
        """
        applied: 1 set made with 2 entries, 3 destroyed; in place 2 entries added, 1 removed
        IPv4: 1 rule added, 1 removed, 2 changed
        IPv6: chain dcos-isolation removed
        policy digest  p
        state digest   s

        """,
        ReportText.Of(new ApplyReport(s_much, "s", "p").WriteText));

    [Fact]
    public void The_json_says_the_same() => Assert.Equal(
        """
        {
          "changed": true,
          "setsMade": 1,
          "setsDestroyed": 3,
          "entriesAddedInPlace": 2,
          "entriesRemovedInPlace": 1,
          "setsSwapped": 1,
          "tableCommits": 2,
          "notices": [
            "something to know"
          ],
          "policyDigest": "p",
          "stateDigest": "s",
          "pending": null
        }

        """,
        ReportText.Json(new ApplyReport(s_much, "s", "p").WriteJson));
}

using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

public sealed class EncodingReportTests
{
    private static readonly FamilyState s_state = new(Family.Inet, [], new Rule { Target = RuleTarget.JumpToIsolation }, [])
    {
        Overlays = new OverlaysChoice(Family.Inet, true, 12, 1270, 230, 12, 9000),
        Choices =
        [
            Choice(1, "internal", "hr", "hr", "", EncodingReason.EntriesCheaper, 1),
            Choice(7, "allow", "hr", "it", "80/tcp,443/tcp", EncodingReason.Memory, 9000),
            Choice(2, "internal", "it", "it", "", EncodingReason.EntriesCheaper, 1),
            Choice(3, "internal", "ops", "ops", "", EncodingReason.EntriesCheaper, 1),
            Choice(4, "internal", "web", "web", "", EncodingReason.EntriesCheaper, 1),
            Choice(5, "internal", "db", "db", "", EncodingReason.EntriesCheaper, 1),
            Choice(8, "allow", "*", "it", "icmp/8", EncodingReason.NoEntry, 0),
        ],
    };

    [Fact]
    public void Each_choice_is_told_once_with_what_it_costs() => Assert.Equal(
        """
        encoding IPv4 networks: one set of at most 12 entries (8.8 KiB, 230 ns a packet), not a list of 12 sets (1270 ns a packet)
        encoding IPv4 p.yaml:1 internal hr -> hr; p.yaml:2 internal it -> it; p.yaml:3 internal ops -> ops; and 2 more: 1 entry (64 bytes, 4 lookups in the shared set), not a rule (1 lookup, 118 ns a packet), each
        encoding IPv4 p.yaml:7 allow hr -> it 80/tcp,443/tcp: a rule (1 lookup, 118 ns a packet), not 9000 entries (562.5 KiB, 4 lookups in the shared set): the entries' memory is worth more than the rule's time
        encoding IPv4 p.yaml:8 allow * -> it icmp/8: a rule (1 lookup, 118 ns a packet): no entry can say it

        """,
        ReportText.Of(text => EncodingReport.WriteText(text, [s_state])));

    [Fact]
    public void A_kernel_without_lists_has_no_choice() => Assert.Contains(
        "not a list, which the kernel has not",
        ReportText.Of(text => EncodingReport.WriteText(
            text, [s_state with { Overlays = new OverlaysChoice(Family.Inet, true, 1, double.PositiveInfinity, 230, 1, 9000) }])),
        StringComparison.Ordinal);

    [Fact]
    public void The_json_has_every_choice()
    {
        string json = ReportText.Json(document => EncodingReport.WriteJson(document, [s_state]));
        Assert.Contains("\"encoding\": \"flattened\"", json, StringComparison.Ordinal);
        Assert.Contains("\"services\": \"80/tcp,443/tcp\"", json, StringComparison.Ordinal);
        Assert.Equal(7, json.Split("\"ruleNanoseconds\": 118").Length - 1);
    }

    private static EncodingChoice Choice(int line, string clause, string from, string to, string services, EncodingReason reason, long entries) =>
        new(new SourceLocation("p.yaml", line, 1), clause, Family.Inet, from, to, services, reason, entries, entries * 64, 4, 1, 118);
}

using System.Collections.Immutable;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

public sealed class RemoveReportTests
{
    [Theory]
    [InlineData("nothing to remove\n", 0, 0)]
    [InlineData("removed 1 set\n", 1, 0)]
    [InlineData("removed the chain dcos-isolation from IPv4\n", 0, 1)]
    [InlineData("removed 3 sets and the chain dcos-isolation from IPv4 and IPv6\n", 3, 2)]
    public void What_was_there_is_told(string expected, int sets, int tables)
    {
        ImmutableArray<TablePlan> chains = [new(Family.Inet, null, [], []), new(Family.Inet6, null, [], [])];
        Plan plan = new Plan([], [], [], [], [], []) with
        {
            Discard = [.. Enumerable.Range(0, sets).Select(set => $"dcos-net-{set}")],
            Tables = chains[..tables],
        };

        Assert.Equal(expected, ReportText.Of(new RemoveReport(plan).WriteText));
    }
}

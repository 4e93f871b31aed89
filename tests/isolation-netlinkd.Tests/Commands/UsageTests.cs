using System.Text.Json;
using DcosIsolation.Daemon.Commands;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Commands;

/// <summary>What needs neither a policy nor a kernel: help, the version, and mistakes in the command line itself.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("validate")]
    [InlineData("plan")]
    [InlineData("apply")]
    [InlineData("confirm")]
    [InlineData("rollback")]
    [InlineData("show")]
    [InlineData("remove")]
    [InlineData("explain")]
    [InlineData("trace")]
    [InlineData("version")]
    public void Every_command_has_help(string command)
    {
        CommandRun run = CommandRun.Of(command, "--help");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains($" {command} ", run.Output, StringComparison.Ordinal);
        Assert.Contains("--json", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void The_help_names_every_command()
    {
        CommandRun run = CommandRun.Of("--help");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.All(
            ["validate", "plan", "apply", "confirm", "rollback", "show", "remove", "explain", "trace", "version"],
            name => Assert.Contains($"  {name} ", run.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "Required command was not provided.")]
    [InlineData("frobnicate", "'frobnicate'")]
    [InlineData("validate", "'validate'")]
    [InlineData("apply", "'apply'")]
    [InlineData("plan a.yaml b.yaml", "'b.yaml'")]
    [InlineData("apply a.yaml --lock-wait soon", "'soon'")]
    [InlineData("apply a.yaml --lock-wait -1", "takes 0 or more seconds, not -1")]
    [InlineData("remove --lock-wait=-5", "takes 0 or more seconds, not -5")]
    [InlineData("apply a.yaml --confirm-within ages", "takes a time from 1s to 24h, such as 60s or 5m, not 'ages'")]
    [InlineData("apply a.yaml --max-memory lots", "takes a number of bytes, or one with K, M or G, such as 512M, not 'lots'")]
    [InlineData("plan a.yaml --max-entries -1", "takes 0 or more entries, not -1")]
    [InlineData("trace 10.0.0.1", "'trace'")]
    [InlineData("trace hr 10.0.0.1", "SRC: 'hr' is not an address; expected a prefix, like 10.0.0.0/8 or fd00::/64")]
    [InlineData("trace 10.0.0.1 10.0.0.1/8", "DST: '10.0.0.1/8' has host bits set; write 10.0.0.0/8, or 10.0.0.1/32 for the one address")]
    [InlineData("trace 10.0.0.1 fd00::1", "SRC is IPv4 and DST is IPv6, and no packet has both; give two of one family")]
    [InlineData("trace 10.0.0.1 10.0.0.2 --for ages", "takes a time from 1s to 24h, such as 30s, 5m or 1h, not 'ages'")]
    [InlineData("trace 10.0.0.1 10.0.0.2 --lock-wait -1", "takes 0 or more seconds, not -1")]
    [InlineData("show --frobnicate", "'--frobnicate'")]
    public void A_mistake_in_the_command_line_is_named_and_the_way_to_help(string line, string expected)
    {
        CommandRun run = CommandRun.Of(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.All(run.ErrorLines, text => Assert.StartsWith("isolation-netlinkd: ", text, StringComparison.Ordinal));
        Assert.Equal("isolation-netlinkd: see isolation-netlinkd --help", run.ErrorLines[^1]);
    }

    [Fact]
    public void The_version_is_printed()
    {
        CommandRun run = CommandRun.Of("version");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Matches(@"^isolation-netlinkd \d+\.\d+\.\d+", run.Output);
        using JsonDocument json = JsonDocument.Parse(CommandRun.Of("version", "--json").Output);
        Assert.Equal(run.Output.Trim(), $"isolation-netlinkd {json.RootElement.GetProperty("version").GetString()}");
    }
}

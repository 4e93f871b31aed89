using System.Text.Json;
using DcosIsolation.Daemon.Commands;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Commands;

/// <summary>From an exception to a message, a document and an exit code; and output that cannot be written.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("validate", "none.yaml", "--json")]
    [InlineData("apply", "none.yaml", "--json")]
    [InlineData("frobnicate", "--json")]
    [InlineData("apply", "none.yaml", "--lock-wait=-1", "--json")]
    public void A_failure_is_a_document_too(params string[] args)
    {
        CommandRun run = CommandRun.Of(args);

        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(run.ExitCode, json.RootElement.GetProperty("exitCode").GetInt32());
        IEnumerable<string> told = run.ErrorLines.Select(line => line["isolation-netlinkd: ".Length..]);
        Assert.Equal(string.Join("; ", told.Where(line => line != "see isolation-netlinkd --help")), json.RootElement.GetProperty("error").GetString());
    }

    [Fact]
    public void What_nobody_foresaw_is_told_with_its_kind_and_a_way_to_go_on()
    {
        int exitCode = Guard(verbose: false, () => throw new KeyNotFoundException("no \u001b[31mkey"));

        Assert.Equal(ExitCode.Refused, exitCode);
        Assert.Equal(
            """
            isolation-netlinkd: internal error: KeyNotFoundException: no \u001b[31mkey
            isolation-netlinkd: this is a mistake in isolation-netlinkd: please report it, with what was run and what -v says

            """,
            _error.ToString());
    }

    [Fact]
    public void What_nobody_foresaw_is_told_in_full_to_who_wants_more()
    {
        Guard(verbose: true, () => throw new KeyNotFoundException("no key", new FormatException("why")));

        Assert.Contains("System.FormatException: why", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_cannot_be_compiled_is_invalid()
    {
        int exitCode = Guard(verbose: false, () => throw new PolicyCompilationException("p.yaml:3:5: too much"));

        Assert.Equal(ExitCode.Invalid, exitCode);
        Assert.Equal("isolation-netlinkd: p.yaml:3:5: too much\n", _error.ToString());
    }

    [Theory]
    [InlineData("version")]
    [InlineData("version", "--json")]
    [InlineData("--help")]
    public void A_result_that_cannot_be_written_is_a_failure(params string[] args)
    {
        using var full = new FullWriter();

        int exitCode = CommandLine.Run(args, full, _error);

        Assert.Equal(ExitCode.Refused, exitCode);
        Assert.EndsWith("No space left on device\n", _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_report_that_cannot_be_written_does_not_undo_what_was_done(bool json)
    {
        using var full = new FullWriter();
        var context = new CommandContext(full, _error, json, verbose: false);

        context.WriteReport("applied", result => result.Writer.WriteBoolean("changed", true), text => text.WriteLine("applied"));

        Assert.Equal("isolation-netlinkd: applied, but the report could not be written: No space left on device\n", _error.ToString());
    }

    [Fact]
    public void Diagnostics_that_cannot_be_written_change_nothing()
    {
        using var full = new FullWriter();

        Assert.Equal(ExitCode.Invalid, CommandLine.Run(["apply", "none.yaml"], _output, full));
        Assert.Equal(ExitCode.Invalid, CommandLine.Run(["frobnicate"], full, full));
    }

    [Fact]
    public void Half_a_document_is_none()
    {
        var context = new CommandContext(_output, _error, json: true, verbose: false);

        Assert.Throws<FormatException>(() => context.WriteResult(
            json =>
            {
                json.Writer.WriteBoolean("valid", true);
                throw new FormatException();
            },
            _ => { }));
        Assert.Empty(_output.ToString());
    }

    private int Guard(bool verbose, Func<int> run)
    {
        var context = new CommandContext(_output, _error, json: false, verbose);
        return CommandLine.Guard(context, run);
    }
}

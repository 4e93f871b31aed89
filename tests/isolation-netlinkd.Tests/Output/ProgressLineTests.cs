using DcosIsolation.Daemon.Output;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

public sealed class ProgressLineTests : IDisposable
{
    private readonly StringWriter _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public void The_line_is_written_over_and_erased_when_the_set_is_done()
    {
        using var line = new ProgressLine(_terminal, patience: TimeSpan.Zero, interval: TimeSpan.Zero);
        line.Loading("dcos-net-hr", 312_000, 1_000_000);
        line.Reading("dcos-net-hr", 9, 20);
        line.Reading("dcos-net-hr", 20, 20);
        const string First = "loading dcos-net-hr  312,000 of 1,000,000";
        const string Second = "reading dcos-net-hr  9 of 20";
        Assert.Equal($"\r{First}\r{Second.PadRight(First.Length)}\r{new string(' ', Second.Length)}\r", _terminal.ToString());
    }

    [Fact]
    public void What_fails_half_way_leaves_no_line()
    {
        using (var line = new ProgressLine(_terminal, patience: TimeSpan.Zero, interval: TimeSpan.Zero))
        {
            line.Loading("a", 1, 2);
        }

        Assert.EndsWith($"\r{new string(' ', "loading a  1 of 2".Length)}\r", _terminal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_over_soon_shows_none()
    {
        using (var line = new ProgressLine(_terminal))
        {
            line.Loading("a", 1, 2);
            line.Loading("a", 2, 2);
        }

        Assert.Empty(_terminal.ToString());
    }

    [Fact]
    public void It_is_written_a_few_times_in_a_second_at_most()
    {
        using var line = new ProgressLine(_terminal, patience: TimeSpan.Zero, interval: TimeSpan.FromHours(1));
        for (int done = 0; done < 100; done++)
        {
            line.Loading("a", done, 100);
        }

        Assert.Equal("\rloading a  0 of 100", _terminal.ToString());
    }

    [Fact]
    public void A_terminal_that_went_away_is_no_failure()
    {
        using var line = new ProgressLine(new Commands.FullWriter(), patience: TimeSpan.Zero, interval: TimeSpan.Zero);
        line.Loading("a", 1, 2);
    }
}

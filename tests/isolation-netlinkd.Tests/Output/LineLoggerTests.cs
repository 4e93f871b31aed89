using DcosIsolation.Daemon.Output;
using Microsoft.Extensions.Logging;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

#pragma warning disable CA1848, CA1873 // One event each; nothing is gained by generated methods.
public sealed class LineLoggerTests : IDisposable
{
    private readonly StringWriter _output = new() { NewLine = "\n" };

    public void Dispose() => _output.Dispose();

    [Theory]
    [InlineData(LogLevel.Debug, "dbug")]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Warning, "warn")]
    [InlineData(LogLevel.Error, "fail")]
    [InlineData(LogLevel.Critical, "crit")]
    public void An_event_is_one_line_with_its_level_and_number(LogLevel level, string name)
    {
        new LineLogger(_output).Log(level, new EventId(2), "made {Set} with {Count} entries", "dcos-net-hr", 1);

        Assert.Equal($"{name}: isolation-netlinkd[2] made dcos-net-hr with 1 entries\n", _output.ToString());
    }

    [Fact]
    public void An_exception_follows_on_the_same_line()
    {
        new LineLogger(_output).LogError(new IOException("No space left\non device"), "not written");

        Assert.Equal("fail: isolation-netlinkd[0] not written System.IO.IOException: No space left\\non device\n", _output.ToString());
    }

    [Fact]
    public void What_is_traced_is_not_told()
    {
        new LineLogger(_output).LogTrace("a datagram");

        Assert.Empty(_output.ToString());
    }
}

using System.Diagnostics;
using System.Text.Json;
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

    [Fact]
    public void As_json_an_event_is_one_object_with_its_properties()
    {
        new LineLogger(_output, LogFormat.Json).Log(
            LogLevel.Warning, new EventId(25), "made {Set} with {Count} entries, {Share} free", "a\"b\n\u001b[31m\u202e", 7L, 0.5);

        Assert.Equal(1, _output.ToString().Count(c => c == '\n'));
        Assert.DoesNotContain('\u001b', _output.ToString());
        Assert.DoesNotContain('\u202e', _output.ToString());
        using JsonDocument json = JsonDocument.Parse(_output.ToString());
        JsonElement root = json.RootElement;
        Assert.True(root.GetProperty("time").GetDateTime().Kind == DateTimeKind.Utc);
        Assert.Equal("warning", root.GetProperty("level").GetString());
        Assert.Equal(25, root.GetProperty("eventId").GetInt32());
        Assert.StartsWith("made a\"b", root.GetProperty("message").GetString(), StringComparison.Ordinal);
        JsonElement properties = root.GetProperty("properties");
        Assert.Equal("a\"b\n\u001b[31m\u202e", properties.GetProperty("Set").GetString());
        Assert.Equal(7, properties.GetProperty("Count").GetInt64());
        Assert.Equal(0.5, properties.GetProperty("Share").GetDouble());
        Assert.Equal(3, properties.EnumerateObject().Count());
    }

    [Theory]
    [InlineData(LogLevel.Debug, "<7>")]
    [InlineData(LogLevel.Information, "<6>")]
    [InlineData(LogLevel.Warning, "<4>")]
    [InlineData(LogLevel.Error, "<3>")]
    [InlineData(LogLevel.Critical, "<2>")]
    public void For_the_journal_an_event_begins_with_its_priority(LogLevel level, string prefix)
    {
        new LineLogger(_output, LogFormat.Journald).Log(level, new EventId(2), "one\n<0>two");

        Assert.Equal($"{prefix}one\\n<0>two\n", _output.ToString());
    }

    [Fact]
    public void What_is_less_than_wanted_is_not_told()
    {
        var logger = new LineLogger(_output, LogFormat.Console, LogLevel.Information);
        logger.LogDebug("much");
        logger.LogInformation("enough");

        Assert.Equal("info: isolation-netlinkd[0] enough\n", _output.ToString());
        Assert.False(logger.IsEnabled(LogLevel.Debug));
    }

    [Fact]
    public void The_journals_format_is_the_default_only_where_the_journal_reads()
    {
        Assert.Equal(LogFormat.Console, LogFormats.Default(null));
        Assert.Equal(LogFormat.Console, LogFormats.Default("1:2"));
        string path = Path.GetTempFileName();
        using (FileStream file = File.OpenRead(path))
        {
            int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
            using Process stat = Process.Start(new ProcessStartInfo("stat", ["-L", "-c", "%d:%i", path]) { RedirectStandardOutput = true })!;
            Assert.Equal(LogFormat.Journald, LogFormats.Default(stat.StandardOutput.ReadToEnd().Trim(), descriptor));
        }

        File.Delete(path);
    }
}

using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using DcosIsolation.Daemon.Metrics;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Metrics;

public sealed partial class PrometheusTextTests : IDisposable
{
    private readonly string _name = $"test-{Guid.NewGuid():N}";
    private readonly Meter _meter;
    private readonly PrometheusText _text;

    public PrometheusTextTests()
    {
        _meter = new Meter(_name);
        _text = new PrometheusText(_name);
    }

    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Counters_add_up_and_gauges_have_their_last_value()
    {
        Counter<long> counter = _meter.CreateCounter<long>("a.b", null, "What it is.");
        counter.Add(2);
        counter.Add(3);
        counter.Add(1, new KeyValuePair<string, object?>("kind", "x"));
        Gauge<double> gauge = _meter.CreateGauge<double>("g_ratio", null, "A share.");
        gauge.Record(0.5);
        gauge.Record(0.25);

        Assert.Equal(
            """
            # HELP a_b_total What it is.
            # TYPE a_b_total counter
            a_b_total 5
            a_b_total{kind="x"} 1
            # HELP g_ratio A share.
            # TYPE g_ratio gauge
            g_ratio 0.25

            """,
            _text.ToString());
        AssertFormat(_text.ToString());
    }

    [Fact]
    public void An_info_has_one_series()
    {
        Gauge<double> info = _meter.CreateGauge<double>("x_info", null, "Which.");
        info.Record(1, new KeyValuePair<string, object?>("digest", "old"));
        info.Record(1, new KeyValuePair<string, object?>("digest", "new"));

        Assert.Contains("x_info{digest=\"new\"} 1\n", _text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("old", _text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_text_stays_within_its_quotes()
    {
        Counter<long> counter = _meter.CreateCounter<long>("c", null, "two\nlines \\");
        counter.Add(1, new KeyValuePair<string, object?>("name", "a\"} 7\nb 9\\"));

        Assert.Equal(
            "# HELP c_total two\\nlines \\\\\n# TYPE c_total counter\nc_total{name=\"a\\\"} 7\\nb 9\\\\\"} 1\n",
            _text.ToString());
        AssertFormat(_text.ToString());
    }

    [Fact]
    public void Numbers_are_printed_as_the_format_has_them()
    {
        Gauge<double> gauge = _meter.CreateGauge<double>("g", null, "G.");
        foreach ((double value, string text) in new[]
        {
            (1.5e9, "1500000000"), (double.NaN, "NaN"), (double.PositiveInfinity, "+Inf"), (double.NegativeInfinity, "-Inf"), (-0.001, "-0.001"),
        })
        {
            gauge.Record(value);
            Assert.EndsWith($"\ng {text}\n", _text.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Other_meters_are_not_listened_to()
    {
        using var other = new Meter(_name + "-other");
        other.CreateCounter<long>("theirs").Add(1);

        Assert.Equal("", _text.ToString());
    }

    [Fact]
    public void What_the_daemon_says_is_in_the_format()
    {
        using var text = new PrometheusText(DaemonMetrics.MeterName);
        using var metrics = new DaemonMetrics();
        metrics.Read(isValid: true);
        metrics.Verified(full: true, clean: false, TimeSpan.FromMilliseconds(250), headroom: 0.5);
        metrics.Repaired([], TimeSpan.FromSeconds(2));
        metrics.ApplyFailed();

        AssertFormat(text.ToString());
        Assert.Contains("isolation_policy_valid 1\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("isolation_verifies_total{depth=\"full\",result=\"drift\"} 1\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("isolation_apply_failures_total 1\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("isolation_repairs_total 1\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("isolation_last_verify_duration_seconds{depth=\"full\"} 0.25\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("isolation_last_repair_duration_seconds 2\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("isolation_build_info{version=\"", text.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The text format 0.0.4 as its description has it: each family once, HELP and TYPE first, then its series, none twice.</summary>
    private static void AssertFormat(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var families = new HashSet<string>(StringComparer.Ordinal);
        var series = new HashSet<string>(StringComparer.Ordinal);
        string family = "";
        string[] lines = text.Split('\n')[..^1];
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = lines[i].Split(' ')[2];
                Assert.True(families.Add(family), $"{family} twice");
                Assert.Matches($"^# TYPE {family} (counter|gauge)$", lines[++i]);
                continue;
            }

            Match match = Series().Match(lines[i]);
            Assert.True(match.Success, lines[i]);
            Assert.Equal(family, match.Groups["name"].Value);
            Assert.True(series.Add(match.Groups["name"].Value + match.Groups["labels"].Value), $"{lines[i]} twice");
            string value = match.Groups["value"].Value;
            Assert.True(value is "+Inf" or "-Inf" or "NaN" || double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _), value);
        }
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{[a-zA-Z_][a-zA-Z0-9_]*="(\\[\\n"]|[^"\\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="(\\[\\n"]|[^"\\\n])*")*\})? (?<value>\S+)$""")]
    private static partial Regex Series();
}

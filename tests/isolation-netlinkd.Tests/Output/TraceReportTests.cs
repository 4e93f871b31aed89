using System.Text.Json;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

public sealed class TraceReportTests
{
    private static readonly BoundLogger s_syslog = new("nf_log_ipv4", IsInitialNamespace: true);

    [Fact]
    public void The_guide_says_what_is_traced_and_how_to_read_it() => Assert.Equal(
        [
            "tracing 10.1.0.0/16 to 10.2.0.5/32 and 10.2.0.5/32 to 10.1.0.0/16 for 90 s; Ctrl-C ends it earlier",
            "read it in the kernel's log: journalctl -kf -g TRACE, or dmesg -w",
            "TRACE: filter:dcos-isolation:rule:3 is rule 3 of the chain dcos-isolation; policy and return are the end of a chain",
        ],
        Guide(s_syslog));

    [Theory]
    [InlineData("nfnetlink_log", "read it from nflog group 0: tcpdump -i nflog:0, or ulogd")]
    [InlineData("nf_log_netdev", "read it in the kernel's log: journalctl -kf -g TRACE, or dmesg -w")]
    [InlineData("another", "read it where the logger another writes")]
    public void Where_to_read_depends_on_the_logger(string logger, string where) =>
        Assert.Equal(where, Guide(new BoundLogger(logger, IsInitialNamespace: true))[1]);

    [Fact]
    public void Without_a_logger_there_is_nothing_to_read_and_a_warning()
    {
        var none = new BoundLogger(null, IsInitialNamespace: true);

        Assert.Single(Guide(none));
        Assert.EndsWith("sysctl net.netfilter.nf_log.2=nf_log_ipv4", Report(none).Warning, StringComparison.Ordinal);
        Assert.EndsWith(
            "sysctl net.netfilter.nf_log.10=nf_log_ipv6",
            new TraceReport([Pair("fd00::1", "fd00::2")], none).Warning,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernels_log_is_written_from_the_initial_namespace_only()
    {
        Assert.Null(Report(s_syslog).Warning);
        Assert.Contains("nf_log_all_netns", Report(s_syslog with { IsInitialNamespace = false }).Warning, StringComparison.Ordinal);
        Assert.Null(Report(new BoundLogger("nfnetlink_log", IsInitialNamespace: false)).Warning);
    }

    [Fact]
    public void The_packets_of_each_pair_are_counted() => Assert.Equal(
        """
        1 packet traced from 10.1.0.0/16 to 10.2.0.5/32, 60 bytes
        0 packets traced from 10.2.0.5/32 to 10.1.0.0/16, 0 bytes

        """,
        ReportText.Of(Report(s_syslog).WriteText));

    [Fact]
    public void The_json_says_the_same()
    {
        using JsonDocument json = JsonDocument.Parse(ReportText.Json(Report(s_syslog).WriteJson));

        Assert.Equal("ipv4", json.RootElement.GetProperty("family").GetString());
        Assert.Equal("nf_log_ipv4", json.RootElement.GetProperty("logger").GetString());
        JsonElement[] traced = [.. json.RootElement.GetProperty("traced").EnumerateArray()];
        Assert.Equal(2, traced.Length);
        Assert.Equal(
            ["source 10.1.0.0/16", "destination 10.2.0.5/32", "packets 1", "bytes 60"],
            traced[0].EnumerateObject().Select(field => $"{field.Name} {field.Value}"));
    }

    private static TraceReport Report(BoundLogger logger) =>
        new([Pair("10.1.0.0/16", "10.2.0.5") with { Counters = new XtablesCounters(1, 60) }, Pair("10.2.0.5", "10.1.0.0/16")], logger);

    private static string[] Guide(BoundLogger logger)
    {
        var lines = new List<string>();
        Report(logger).WriteGuide(lines.Add, TimeSpan.FromSeconds(90));
        return [.. lines];
    }

    private static TracedPair Pair(string source, string destination) => new(Parse(source), Parse(destination));

    private static Prefix Parse(string text) =>
        PrefixParser.TryParse(text, out Prefix prefix, out string? error) ? prefix : throw new FormatException(error);
}

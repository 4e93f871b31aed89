using DcosIsolation.Daemon.Metrics;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Metrics;

public class MetricsTargetTests
{
    [Theory]
    [InlineData("/var/lib/x.prom", "/var/lib/x.prom", null, null)]
    [InlineData("./x.prom", "./x.prom", null, null)]
    [InlineData("unix:/run/x.sock", null, "/run/x.sock", null)]
    [InlineData("127.0.0.1:9105", null, null, "127.0.0.1:9105")]
    [InlineData("127.8.9.1:1", null, null, "127.8.9.1:1")]
    [InlineData("[::1]:9105", null, null, "[::1]:9105")]
    public void Files_sockets_and_loopback_addresses_are_targets(string text, string? file, string? socket, string? address)
    {
        MetricsTarget? target = MetricsTarget.Parse(text, out string? mistake);

        Assert.Null(mistake);
        Assert.Equal((file, socket, address), (target?.File, target?.Socket, target?.Address?.ToString()));
    }

    [Theory]
    [InlineData("0.0.0.0:9105")]
    [InlineData("192.168.1.1:9105")]
    [InlineData("[::]:9105")]
    [InlineData("[::ffff:127.0.0.1]:9105")]
    [InlineData("[fe80::1]:9105")]
    public void Addresses_that_others_reach_are_refused(string text)
    {
        Assert.Null(MetricsTarget.Parse(text, out string? mistake));
        Assert.Contains("serves this machine alone", mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x.prom")]
    [InlineData("unix:")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:0")]
    [InlineData("localhost:9105")]
    public void What_is_neither_is_refused_with_what_is(string text)
    {
        Assert.Null(MetricsTarget.Parse(text, out string? mistake));
        Assert.Contains("takes a file such as", mistake, StringComparison.Ordinal);
    }
}

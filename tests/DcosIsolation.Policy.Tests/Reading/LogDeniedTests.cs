using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class LogDeniedTests
{
    private const string Networks = "version: 1\nnetworks: {hr: {subnets: [192.168.0.0/16]}}\n";

    [Theory]
    [InlineData("{}", "-m limit --limit 10/sec -j LOG")]
    [InlineData("{prefix: 'denied: '}", "-m limit --limit 10/sec -j LOG --log-prefix \"denied: \"")]
    [InlineData("{prefix: denied, nflog-group: 0}", "-m limit --limit 10/sec -j NFLOG --nflog-prefix denied")]
    [InlineData("{limit: 3/Min, nflog-group: 65535}", "-m limit --limit 3/min -j NFLOG --nflog-group 65535")]
    [InlineData("{limit: 10000/s}", "-m limit --limit 10000/sec -j LOG")]
    [InlineData("{limit: 3000/second}", "-m limit --limit 3333/sec -j LOG")]
    [InlineData("{limit: 36036/hour}", "-m limit --limit 10/sec -j LOG")]
    [InlineData("{limit: 1/h}", "-m limit --limit 1/hour -j LOG")]
    [InlineData("{limit: 4/day}", "-m limit --limit 4/day -j LOG")]
    public void It_becomes_what_iptables_would_print(string value, string text) =>
        Assert.Equal(text, Reader.Good($"{Networks}log-denied: {value}").LogDenied!.ToString());

    [Fact]
    public void A_prefix_may_be_as_long_as_the_kernel_takes()
    {
        Reader.Good($"{Networks}log-denied: {{prefix: {new string('x', 29)}}}");
        Reader.Good($"{Networks}log-denied: {{prefix: {new string('x', 63)}, nflog-group: 1}}");
    }

    [Fact]
    public void What_the_kernel_has_is_the_same_rate_or_none_of_ours()
    {
        for (uint count = 1; count <= 10_000; count++)
        {
            foreach (uint seconds in (uint[])[1, 60, 3_600, 86_400])
            {
                if (PacketRate.TryMake(count, seconds) is { } rate)
                {
                    Assert.Equal(rate, PacketRate.OfInterval(rate.Interval));
                }
            }
        }

        Assert.Null(PacketRate.OfInterval(0));
        Assert.Null(PacketRate.OfInterval(999));
        Assert.Null(PacketRate.OfInterval(uint.MaxValue));
    }

    [Theory]
    [InlineData(
        "",
        "3:12: error: 'log-denied': expected a mapping, like {prefix: \"denied: \", limit: 10/second, nflog-group: 7}, or {}, found nothing")]
    [InlineData("{prefx: a}", "3:14: error: unknown key 'prefx'; did you mean 'prefix'?")]
    [InlineData("{level: 4}", "3:14: error: unknown key 'level'; 'log-denied' has: prefix, limit, nflog-group")]
    [InlineData("{prefix: [a]}", "3:22: error: 'prefix': expected text, like \"denied: \", found a list")]
    [InlineData("{prefix: 'a\"b'}", "3:22: error: 'prefix': expected printable ASCII without quotes and backslashes, found 'a\"b'")]
    [InlineData("{prefix: \"a\\nb\"}", "3:22: error: 'prefix': expected printable ASCII without quotes and backslashes, found 'a\\nb'")]
    [InlineData("{prefix: é}", "3:22: error: 'prefix': expected printable ASCII without quotes and backslashes, found 'é'")]
    [InlineData(
        "{prefix: 123456789012345678901234567890}",
        "3:22: error: 'prefix' has 30 characters; expected 29 at most (with 'nflog-group' 63)")]
    [InlineData(
        "{nflog-group: 1, prefix: 1234567890123456789012345678901234567890123456789012345678901234}",
        "3:38: error: 'prefix' has 64 characters; expected 63 at most")]
    [InlineData(
        "{limit: 10}",
        "3:21: error: 'limit': expected a number of packets in a time, like 10/second, 5/minute, 30/hour or 100/day, found '10'")]
    [InlineData("{limit: 10/secnod}", "3:21: error: 'limit': unknown unit of time 'secnod' in '10/secnod'; did you mean 'second'?")]
    [InlineData("{limit: 10/}", "3:21: error: 'limit': unknown unit of time '' in '10/'; expected second, minute, hour or day")]
    [InlineData("{limit: 0/s}", "3:21: error: 'limit': '0/s' is more or less than the kernel can count; expected 4/day to 10000/second")]
    [InlineData(
        "{limit: 10001/s}", "3:21: error: 'limit': '10001/s' is more or less than the kernel can count; expected 4/day to 10000/second")]
    [InlineData(
        "{limit: 3/day}", "3:21: error: 'limit': '3/day' is more or less than the kernel can count; expected 4/day to 10000/second")]
    [InlineData("{nflog-group: 65536}", "3:27: error: 'nflog-group': expected a number from 0 to 65535, found '65536'")]
    public void Mistakes_are_reported_with_their_place(string value, string expected) =>
        Reader.Says("policy.yaml:" + expected, $"{Networks}log-denied: {value}");
}

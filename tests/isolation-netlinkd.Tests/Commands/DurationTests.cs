using DcosIsolation.Daemon.Commands;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Commands;

public sealed class DurationTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("90", 90)]
    [InlineData("60s", 60)]
    [InlineData("5m", 300)]
    [InlineData("24h", 86400)]
    public void A_number_is_seconds_unless_a_letter_says_otherwise(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Duration.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0s")]
    [InlineData("-1")]
    [InlineData("s")]
    [InlineData("1.5s")]
    [InlineData("1 s")]
    [InlineData("1d")]
    [InlineData("25h")]
    [InlineData("86401")]
    [InlineData("99999999999h")]
    public void Anything_else_is_no_time(string text) => Assert.Null(Duration.Parse(text));
}

using DcosIsolation.Daemon.Output;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(30 << 20, "30 MiB")]
    [InlineData(5L << 40, "5120 GiB")]
    public void A_size_is_written_in_its_unit(long bytes, string text) => Assert.Equal(text, ByteSize.Text(bytes));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1000000", 1_000_000)]
    [InlineData("64k", 64 << 10)]
    [InlineData("512M", 512 << 20)]
    [InlineData("512MB", 512 << 20)]
    [InlineData("512 MiB", 512 << 20)]
    [InlineData("2G", 2L << 30)]
    public void A_size_is_read(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("1T")]
    [InlineData("1Mx")]
    [InlineData("9999999999G")]
    [InlineData("99999999999999999999")]
    public void What_is_no_size_is_not(string text) => Assert.Null(ByteSize.Parse(text));
}

using System.Net;
using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class PrefixParserTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("255.255.255.255/32", "255.255.255.255/32")]
    [InlineData("::/0", "::/0")]
    [InlineData("::", "::/128")]
    [InlineData("::1", "::1/128")]
    [InlineData("FD00:0001::/64", "fd00:1::/64")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8/128")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0/128")]
    [InlineData("64:ff9b::10.0.0.1", "64:ff9b::a00:1/128")]
    [InlineData("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304/128")]
    [InlineData("::ffff:0:0/95", null)]
    [InlineData("::fffe:0:0/95", "::fffe:0:0/95")]
    public void Prefixes_are_read(string text, string? expected)
    {
        bool read = PrefixParser.TryParse(text, out Prefix prefix, out string? error);
        Assert.Equal(expected is null, error is not null);
        Assert.Equal(expected, read ? prefix.ToString() : null);
    }

    [Theory]
    [InlineData("", "nothing is written here; expected a prefix, like 10.0.0.0/8 or fd00::/64")]
    [InlineData("hr", "'hr' is not an address; expected a prefix, like 10.0.0.0/8 or fd00::/64")]
    [InlineData("10.0.0.1/8", "'10.0.0.1/8' has host bits set; write 10.0.0.0/8, or 10.0.0.1/32 for the one address")]
    [InlineData("fd00::1/64", "'fd00::1/64' has host bits set; write fd00::/64, or fd00::1/128 for the one address")]
    [InlineData("10.1/16", "'10.1/16' has 2 of an IPv4 address's four numbers; write all four, like 10.1.0.0/16")]
    [InlineData("1.2.3.4.5", "'1.2.3.4.5' has 5 of an IPv4 address's four numbers; write all four, like 10.1.0.0/16")]
    [InlineData("10..0.1", "'10..0.1' has an empty number beside a dot; expected four numbers from 0 to 255, like 192.168.0.0/16")]
    [InlineData("256.0.0.1", "'256.0.0.1' has a number over 255: '256'; expected four numbers from 0 to 255, like 192.168.0.0/16")]
    [InlineData(
        "10.010.0.0/16",
        "'10.010.0.0/16' has a leading zero in '010', which is octal to some programs: write 10; expected four numbers from 0 to 255,"
        + " like 192.168.0.0/16")]
    [InlineData("10.0.0.0/33", "'10.0.0.0/33' has '33' after '/'; expected a prefix length from 0 to 32")]
    [InlineData("10.0.0.0/8x", "'10.0.0.0/8x' has '8x' after '/'; expected a prefix length from 0 to 32")]
    [InlineData("10.0.0.0/+8", "'10.0.0.0/+8' has '+8' after '/'; expected a prefix length from 0 to 32")]
    [InlineData("10.0.0.0/8/8", "'10.0.0.0/8/8' has '8/8' after '/'; expected a prefix length from 0 to 32")]
    [InlineData("10.0.0.0/", "'10.0.0.0/' has nothing after '/'; expected a prefix length from 0 to 32")]
    [InlineData("10.0.0.0/08", "'10.0.0.0/08' has a leading zero in its prefix length; write /8")]
    [InlineData("10.0.0.0/255.0.0.0", "'10.0.0.0/255.0.0.0' has a netmask after '/'; write /8")]
    [InlineData("fd00::/129", "'fd00::/129' has '129' after '/'; expected a prefix length from 0 to 128")]
    [InlineData(
        "fe80::1%eth0",
        "'fe80::1%eth0' has a zone; zones mean nothing in a policy for a cluster: write the address without '%' and what follows")]
    [InlineData("::ffff:10.0.0.0/104", "'::ffff:10.0.0.0/104' is IPv4 written as IPv6, which no packet carries; write 10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.1", "'::ffff:10.0.0.1' is IPv4 written as IPv6, which no packet carries; write 10.0.0.1/32")]
    [InlineData("10.0.0.1-10.0.0.9", "'10.0.0.1-10.0.0.9' is a range; write the prefixes that make it up, or put it into a subnets-file")]
    public void What_is_wrong_is_said_and_what_to_write_instead(string text, string expected)
    {
        Assert.False(PrefixParser.TryParse(text, out _, out string? error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("fd00:::/64")]
    [InlineData("1::2::3")]
    [InlineData(":1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1::2:3:4:5:6:7:8")]
    [InlineData("12345::")]
    [InlineData("[::1]")]
    [InlineData("::1.2.3")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("fg::")]
    public void What_is_not_ipv6_is_said(string text)
    {
        Assert.False(PrefixParser.TryParse(text, out _, out string? error));
        Assert.StartsWith($"'{text}' is not an IPv6 address; expected up to eight groups", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_prefix_is_read_back_from_its_text() => Gen.Select(Gen.Bool, Gen.ULong, Gen.ULong, Gen.Int[0, 128]).Sample(
        (inet, high, low, length) =>
        {
            Family family = inet ? Family.Inet : Family.Inet6;
            Prefix prefix = new(family, new UInt128(high, low), Math.Min(length, Prefix.MaxLength(family)));
            bool read = PrefixParser.TryParse(prefix.ToString(), out Prefix again, out _);
            return read && again == prefix;
        });

    [Fact]
    public void What_the_framework_rejects_is_rejected() => Gen.String[Gen.Char["0123456789abf:./x"], 0, 24].Sample(text =>
        !PrefixParser.TryParse(text, out Prefix prefix, out _)
        || (IPNetwork.TryParse(prefix.ToString(), out _) && IPAddress.TryParse(text.Split('/')[0], out IPAddress? address)
            && address.Equals(prefix.Address)));
}

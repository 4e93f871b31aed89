using DcosIsolation.Netlink.Ipset;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

public sealed class IpsetNameTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("dcos-net-hr", true)]
    [InlineData("A_z.0:9+~@#%=,/-", true)]
    [InlineData("1234567890123456789012345678901", true)]
    [InlineData("12345678901234567890123456789012", false)]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData("a b", false)]
    [InlineData("a\nadd b 10.0.0.0/8", false)]
    [InlineData("a\0", false)]
    [InlineData("a\"", false)]
    [InlineData("a'", false)]
    [InlineData("a;", false)]
    [InlineData("é", false)]
    [InlineData("\u007f", false)]
    public void A_name_is_valid_when_no_tool_can_misread_it(string name, bool isValid)
    {
        Assert.Equal(isValid, IpsetName.IsValid(name));
        Assert.Equal(isValid, Record.Exception(() => IpsetEntry.Set(name)) is null);
    }

    [Fact]
    public void A_refused_name_is_told_with_what_is_allowed() => Assert.Equal(
        "'a b' is no set name: 1 to 31 of A-Z a-z 0-9 _ . : + ~ @ # % = , / - (Parameter 'name')",
        Assert.Throws<ArgumentException>(() => IpsetName.Check("a b")).Message);
}

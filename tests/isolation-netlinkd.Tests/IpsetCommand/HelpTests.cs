using DcosIsolation.Daemon.IpsetCommand;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

public class HelpTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("hash:net")]
    [InlineData("list:set")]
    public void The_first_line_is_the_version_that_scripts_look_for(string? type) =>
        Assert.StartsWith("ipset v7.17\n", Help(type), StringComparison.Ordinal);

    [Theory]
    [InlineData("nethash", "hash:net")]
    [InlineData("netnethash", "hash:net,net")]
    [InlineData("netportnethash", "hash:net,port,net")]
    [InlineData("setlist", "list:set")]
    public void An_old_name_of_a_type_is_as_good(string old, string name) => Assert.Equal(Help(name), Help(old));

    [Fact]
    public void An_option_says_the_revision_that_brought_it()
    {
        Assert.Contains("[skbinfo]  since revision 6\n", Help("hash:net"), StringComparison.Ordinal);
        Assert.Contains("[netmask LENGTH]  since revision 4\n", Help("hash:net,net"), StringComparison.Ordinal);
        Assert.DoesNotContain("netmask", Help("hash:net"), StringComparison.Ordinal);
        Assert.DoesNotContain("hashsize", Help("list:set"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_type_is_a_mistake_in_the_line()
    {
        IpsetFailure failure = Assert.Throws<IpsetFailure>(() => Help("hash:ip"));

        Assert.Equal("Unknown settype: `hash:ip'", failure.Message);
        Assert.Equal(IpsetFailure.Usage, failure.ExitCode);
    }

    private static string Help(string? type)
    {
        using var output = new StringWriter();
        HelpCommand.Run(type, output);
        return output.ToString();
    }
}

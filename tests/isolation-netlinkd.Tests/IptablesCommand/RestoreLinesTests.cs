using System.Text;
using DcosIsolation.Daemon.IptablesCommand;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IptablesCommand;

/// <summary>What the lines of a restore are taken for.</summary>
public sealed class RestoreLinesTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n\n# only this", "3 Comment '# only this'")]
    [InlineData("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT\nCOMMIT\n", "1 Table 'filter'|2 Chain 'INPUT ACCEPT [0:0]'|3 Command '-A INPUT'|4 Commit 'COMMIT'")]
    [InlineData("*filter\nCOMMIT", "1 Table 'filter'|2 Commit 'COMMIT'")]
    [InlineData("*  filter x\n[1:2] -A a\n# b\n*nat\nCOMMIT\n*nat\nCOMMIT\n",
        "1 Table 'filter'|2 Command '[1:2] -A a'|3 Comment '# b'|4 Command '*nat'|5 Commit 'COMMIT'|6 Table 'nat'|7 Commit 'COMMIT'")]
    public void Lines_are_told_apart(string input, string read) => Assert.Equal(read, Read(input));

    [Fact]
    public void Other_tables_than_the_one_that_is_wanted_are_skipped()
    {
        Assert.Equal(
            "4 Table 'nat'|5 Command '-F'|6 Commit 'COMMIT'",
            Read("junk\n*filter\n-A INPUT\n*nat\n-F\nCOMMIT\n*raw\nCOMMIT\n", "nat"));
        Assert.Equal("", Read("*filter\n-A INPUT\n", "nat"));
    }

    [Theory]
    [InlineData("# a\n-A INPUT\n", 2, 1, "it stands outside of any table; a table begins with *NAME")]
    [InlineData("*filter\nCOMMIT\n \n", 3, 1, "it stands outside of any table; a table begins with *NAME")]
    [InlineData("* \n", 1, 2, "the name of the table is missing")]
    [InlineData("*filter\n-A a\0b\n", 2, 2, "it has a NUL in it")]
    [InlineData("*filter\n-A INPUT", 3, 1, "COMMIT is missing")]
    [InlineData("*filter\n-A INPUT\n", 3, 1, "COMMIT is missing")]
    public void A_line_in_the_wrong_place_is_told(string input, int number, int exitCode, string message)
    {
        var lines = new RestoreLines(Encoding.UTF8.GetBytes(input), null);
        try
        {
            while (lines.MoveNext())
            {
            }

            Assert.Fail("there was no failure");
        }
        catch (IptablesFailure failure)
        {
            Assert.Equal((number, exitCode, message), (lines.Number, failure.ExitCode, failure.Message));
        }
    }

    private static string Read(string input, string? onlyTable = null)
    {
        var read = new List<string>();
        var lines = new RestoreLines(Encoding.UTF8.GetBytes(input), onlyTable);
        while (lines.MoveNext())
        {
            read.Add($"{lines.Number} {lines.Kind} '{lines.Latin1}'");
        }

        return string.Join('|', read);
    }
}

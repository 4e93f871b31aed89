using System.Text;
using DcosIsolation.Daemon.IptablesCommand;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IptablesCommand;

/// <summary>What the programs say and how they end, as far as no kernel is needed.</summary>
public sealed class IptablesProgramTests
{
    [Theory]
    [InlineData("/sbin/iptables-save -V", "iptables-save")]
    [InlineData("ip6tables-save -V", "ip6tables-save")]
    [InlineData("./iptables-restore -V", "iptables-restore")]
    [InlineData("iptables-legacy-restore -V", "iptables-restore")]
    [InlineData("/usr/sbin/ip6tables-legacy-save -V", "ip6tables-save")]
    [InlineData("isolation-netlinkd iptables-save -V", "iptables-save")]
    [InlineData("isolation-netlinkd ip6tables-legacy-restore -V", "ip6tables-restore")]
    public void It_is_found_under_its_names(string commandLine, string name)
    {
        (int ended, string output, string error) = Run(commandLine);
        Assert.Equal((0, ""), (ended, error));
        Assert.StartsWith($"{name} of isolation-netlinkd ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("isolation-netlinkd")]
    [InlineData("isolation-netlinkd apply iptables-save")]
    [InlineData("iptables-nft-save")]
    [InlineData("iptables")]
    public void Other_commands_are_left_alone(string commandLine) => Assert.Null(IptablesProgram.Find(commandLine.Split(' ')));

    [Theory]
    [InlineData("iptables-save")]
    [InlineData("iptables-restore")]
    public void Help_names_every_option(string name)
    {
        (int ended, string output, _) = Run($"{name} --help");
        Assert.Equal(0, ended);
        Assert.StartsWith($"Usage: {name} ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("iptables-save -q", "iptables-save: there is no option -q")]
    [InlineData("iptables-save filter", "iptables-save: the argument 'filter' is not understood")]
    [InlineData("ip6tables-restore a b", "ip6tables-restore: there is a second file, 'b'")]
    [InlineData("iptables-restore -T", "iptables-restore: the option -T takes a value")]
    public void A_mistake_in_the_options_ends_it_with_1(string commandLine, string message) =>
        Assert.Equal((1, "", message + "\n"), Run(commandLine));

    [Fact]
    public void A_time_to_wait_that_is_no_number_ends_it_with_2() =>
        Assert.Equal((2, "", "iptables-restore: -w takes a number of seconds, not 'x'\n"), Run("iptables-restore -w x"));

    [Fact]
    public void A_line_that_fails_is_told_with_its_file()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "# nothing\n-F\n");
            (int ended, _, string error) = Run($"iptables-restore {path}");
            Assert.Equal((1, $"iptables-restore: {path}: line 2 failed: it stands outside of any table; a table begins with *NAME\n"), (ended, error));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Comments_are_printed_for_who_wants_them()
    {
        Assert.Equal((0, "", ""), Run("iptables-restore", "# a\n\n# b"));
        Assert.Equal((0, "# a\n# b\n", ""), Run("iptables-restore -v", "# a\n\n# b"));
    }

    [Theory]
    [InlineData("[0:0]", true, 0, 0, "")]
    [InlineData("[12:18446744073709551615] -A a", true, 12, ulong.MaxValue, " -A a")]
    [InlineData("0:0]", false, 0, 0, "0:0]")]
    [InlineData("[0:0", false, 0, 0, "[0:0")]
    [InlineData("[0]", false, 0, 0, "[0]")]
    [InlineData("[:]", false, 0, 0, "[:]")]
    [InlineData("", false, 0, 0, "")]
    public void Counters_are_read(string text, bool isRead, ulong packets, ulong bytes, string rest)
    {
        ReadOnlySpan<byte> span = Encoding.UTF8.GetBytes(text);
        Assert.Equal(isRead, CounterPrefix.TryRead(ref span, out XtablesCounters counters));
        Assert.Equal((new XtablesCounters(packets, bytes), rest), (counters, Encoding.UTF8.GetString(span)));
    }

    private static (int ExitCode, string Output, string Error) Run(string commandLine, string input = "")
    {
        using var output = new MemoryStream();
        var error = new StringWriter();
        IptablesProgram program = Assert.IsType<IptablesProgram>(IptablesProgram.Find(commandLine.Split(' ')));
        int ended = program.Run(() => new MemoryStream(Encoding.UTF8.GetBytes(input)), output, error);
        return (ended, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}

using DcosIsolation.KernelTests.Daemon;
using DcosIsolation.Lab;
using Xunit;
using static DcosIsolation.KernelTests.IptablesCommand.Rules;

namespace DcosIsolation.KernelTests.IptablesCommand;

/// <summary>iptables-save of the binary prints what iptables-legacy-save prints.</summary>
public sealed class SaveTests
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_table_is_printed_as_the_peer_prints_it(bool isInet6)
    {
        using var node = new Node();
        string all = All(node, isInet6);
        Peer(node, isInet6, "restore", ["-c"], all).EnsureSuccess();
        AssertSame(node, isInet6);
        AssertSame(node, isInet6, "-c");
        AssertSame(node, isInet6, "-t", "filter");
        AssertSame(node, isInet6, "--counters", "--table=raw", "-M", "/nobody/there");
    }

    [SkippableFact]
    public void Nothing_is_printed_where_there_is_no_table()
    {
        using var node = new Node();
        Assert.Equal("", Ours(node, false, "save", []).EnsureSuccess().Output);
        ProgramResult missing = Ours(node, false, "save", ["-t", "nothing"]);
        Assert.Equal((1, ""), (missing.ExitCode, missing.Output));
        Assert.Contains("the IPv4 table nothing", missing.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_file_is_written_and_the_family_chosen_by_an_option()
    {
        using var node = new Node();
        Peer(node, isInet6: true, "restore", [], "*filter\n-A INPUT -s fd00::1 -j DROP\nCOMMIT\n").EnsureSuccess();
        string path = node.Write("saved", "something else, and longer than what is going to be in it, by far: " + new string('x', 2000));
        Assert.Equal("", Ours(node, isInet6: false, "save", ["-6", "-f", path]).EnsureSuccess().Output);
        Assert.Equal(
            WithoutComments(Peer(node, isInet6: true, "save", []).EnsureSuccess().Output), WithoutComments(File.ReadAllText(path)));
    }

    private static void AssertSame(Node node, bool isInet6, params string[] arguments)
    {
        string expected = WithoutComments(Peer(node, isInet6, "save", arguments).EnsureSuccess().Output);
        Assert.Contains("COMMIT", expected, StringComparison.Ordinal);
        Assert.Equal(expected, WithoutComments(Ours(node, isInet6, "save", arguments).EnsureSuccess().Output));
    }
}

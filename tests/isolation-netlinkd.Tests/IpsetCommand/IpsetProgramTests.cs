using System.Text;
using DcosIsolation.Daemon.IpsetCommand;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

/// <summary>What the program says and how it ends, as far as no kernel is needed.</summary>
public sealed class IpsetProgramTests
{
    [Theory]
    [InlineData("", 2, "No command specified.")]
    [InlineData("nothing", 2, "No command specified: unknown argument nothing")]
    [InlineData("add", 2, "Missing mandatory argument to command add")]
    [InlineData("add a", 2, "Missing second mandatory argument to command add")]
    [InlineData("restore a", 2, "Unknown argument a")]
    [InlineData("list a b", 2, "Unknown argument b")]
    [InlineData("create a hash:ip", 1,
        "the set type hash:ip is not supported by this program; it has hash:net, hash:net,net, hash:net,port,net and list:set")]
    [InlineData("create a nothing", 1, "Syntax error: typename 'nothing' is unknown")]
    [InlineData("flush 12345678901234567890123456789012", 1,
        "Syntax error: setname '12345678901234567890123456789012' is longer than 31 characters")]
    public void A_mistake_is_told_as_ipset_tells_it(string line, int exitCode, string message)
    {
        (int ended, string output, string error) = Run(line);
        string hint = exitCode == 2 ? "Try `ipset help' for more information.\n" : "";
        Assert.Equal((exitCode, "", $"ipset v7.17: {message}\n{hint}"), (ended, output, error));
        Assert.Equal((exitCode, "", ""), Run(line + " -q"));
    }

    [Theory]
    [InlineData("\n# nothing to do\n \nCOMMIT\n", 0, "")]
    [InlineData("# one\nnothing\n", 2, "No command specified: unknown argument nothing\nTry `ipset help' for more information.\n")]
    [InlineData("# one\ncreate a nothing\n", 1, "Error in line 2: Syntax error: typename 'nothing' is unknown\n")]
    [InlineData("help\n", 2, "Command `help' is invalid in restore mode.\nTry `ipset help' for more information.\n")]
    [InlineData("quit\nnothing\n", 0, "")]
    public void A_restore_tells_the_line(string lines, int exitCode, string message)
    {
        (int ended, string output, string error) = Run("restore", lines);
        Assert.Equal((exitCode, "", message.Length == 0 ? "" : $"ipset v7.17: {message}"), (ended, output, error));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_ends_it_with_255()
    {
        (int ended, _, string error) = Run("restore -f /nobody/there");
        Assert.Equal(255, ended);
        Assert.StartsWith("ipset v7.17: Cannot open /nobody/there for reading: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_stream_is_told()
    {
        var error = new StringWriter();
        Assert.Equal(1, IpsetProgram.Run(new[] { "help" }, () => Stream.Null, new Closed(), error));
        Assert.Equal(1, IpsetProgram.Run(new[] { "restore" }, () => new Closed(), Stream.Null, error));
        Assert.Equal("ipset v7.17: Bad file descriptor\nipset v7.17: Bad file descriptor\n", error.ToString());
    }

    private static (int ExitCode, string Output, string Error) Run(string line, string input = "")
    {
        var output = new MemoryStream();
        var error = new StringWriter();
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int exitCode = IpsetProgram.Run(words, () => new MemoryStream(Encoding.UTF8.GetBytes(input)), output, error);
        return (exitCode, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    private sealed class Closed : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw Failure();

        public override void Write(byte[] buffer, int offset, int count) => throw Failure();

        public override void Write(ReadOnlySpan<byte> buffer) => throw Failure();

        private static UnauthorizedAccessException Failure() =>
            new("Access to the path is denied.", new IOException("Bad file descriptor"));
    }
}

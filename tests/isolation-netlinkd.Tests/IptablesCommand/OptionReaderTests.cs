using DcosIsolation.Daemon.IptablesCommand;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IptablesCommand;

/// <summary>Words are read as getopt_long reads them.</summary>
public sealed class OptionReaderTests
{
    private static readonly KnownOption[] s_known =
    [
        new('a', "all"), new('n', "name", OptionArgument.Required), new('w', "wait", OptionArgument.Optional), new('x', "width"),
        new('s', "source", OptionArgument.Required), new('s', "src", OptionArgument.Required),
    ];

    [Theory]
    [InlineData("", "")]
    [InlineData("-a word -x", "a .=word x")]
    [InlineData("-ax --all", "a x a")]
    [InlineData("-n one -ntwo --name three --name=four --name=", "n=one n=two n=three n=four n=")]
    [InlineData("-n -a", "n=-a")]
    [InlineData("-w -w 5 -w5 --wait=5 --wait 5 -w", "w w=5 w=5 w=5 w=5 w")]
    [InlineData("-w ! -w", "w .=! w")]
    [InlineData("-aw 5 -", "a w=5 .=-")]
    [InlineData("--na one --al --wai", "n=one a w")]
    [InlineData("--s one", "s=one")]
    [InlineData("-a -- -x --all", "a .=-x .=--all")]
    public void Options_and_operands_come_in_order(string words, string read) => Assert.Equal(read, Read(words));

    [Theory]
    [InlineData("-b", "there is no option -b")]
    [InlineData("-ab", "there is no option -b")]
    [InlineData("--nothing", "there is no option --nothing")]
    [InlineData("--wi=1", "the option --width takes no value")]
    [InlineData("-a --w", "--w can be --wait and --width")]
    [InlineData("-n", "the option -n takes a value")]
    [InlineData("--name", "the option --name takes a value")]
    public void A_mistake_is_told(string words, string message)
    {
        IptablesFailure failure = Assert.Throws<IptablesFailure>(() => Read(words));
        Assert.Equal((message, 7), (failure.Message, failure.ExitCode));
    }

    [Fact]
    public void A_further_argument_is_no_option_and_no_inversion()
    {
        var reader = new OptionReader(["-n", "one", "two", "!", "-a"], s_known, exitCode: 7);
        Assert.True(reader.TryRead(out _));
        Assert.Equal("two", reader.ReadArgument());
        Assert.Null(reader.ReadArgument());
        Assert.Equal((0, 3), (reader.Start, reader.Next));
    }

    private static string Read(string words)
    {
        var reader = new OptionReader(words.Split(' ', StringSplitOptions.RemoveEmptyEntries), s_known, exitCode: 7);
        var read = new List<string>();
        while (reader.TryRead(out char letter))
        {
            string name = letter == OptionReader.Operand ? "." : letter.ToString();
            read.Add(reader.Value is null ? name : $"{name}={reader.Value}");
        }

        return string.Join(' ', read);
    }
}

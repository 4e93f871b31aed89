using System.Text;
using DcosIsolation.Daemon.IpsetCommand;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

public sealed class WordsTests
{
    [Theory]
    [InlineData("add a 10.0.0.0/8\n", "add|a|10.0.0.0/8")]
    [InlineData("add a 10.0.0.0/8", "add|a|10.0.0.0/8")]
    [InlineData("add\ta  10.0.0.0/8 \r\n", "add|a|10.0.0.0/8")]
    [InlineData("add a 1.1.1.1 comment \"two words\"\n", "add|a|1.1.1.1|comment|two words")]
    [InlineData("add a 1.1.1.1 comment \"two words\"", "add|a|1.1.1.1|comment|two words")]
    [InlineData("add a 1.1.1.1 comment one\" \"word\n", "add|a|1.1.1.1|comment|one word")]
    [InlineData("add a 1.1.1.1 comment \"\"\n", "add|a|1.1.1.1|comment")]
    [InlineData("add a 1.1.1.1 comment \"cut off\n", "add|a|1.1.1.1|comment")]
    [InlineData(" \n", "")]
    public void A_line_is_split_as_ipset_does(string line, string expected) => Assert.Equal(expected, Split(line));

    [Theory]
    [InlineData("comment \"open")]
    [InlineData("comment \"")]
    public void A_last_line_with_an_open_quote_is_refused(string line) =>
        Assert.Equal("Missing close quote!", Assert.Throws<IpsetFailure>(() => Split(line)).Message);

    [Fact]
    public void More_than_31_words_are_too_many()
    {
        string line = string.Join(' ', Enumerable.Repeat("w", 31));
        Assert.Equal(31, Split(line + "\n").Split('|').Length);
        IpsetFailure failure = Assert.Throws<IpsetFailure>(() => Split(line + " w\n"));
        Assert.Equal(("Line is too long to parse.", 2), (failure.Message, failure.ExitCode));
    }

    [Fact]
    public void The_words_of_a_command_line_are_taken_as_they_are()
    {
        var words = new Words();
        words.Take(["add", "two words", "", "ü"]);
        Assert.Equal(4, words.Count);
        Assert.Equal(["add", "two words", "", "ü"], Enumerable.Range(0, 4).Select(words.Text));
        words.RemoveAt(1);
        Assert.Equal(["add", "", "ü"], Enumerable.Range(0, 3).Select(words.Text));
    }

    [Fact]
    public void A_long_line_fits_and_a_later_short_one_is_not_confused_by_it()
    {
        var words = new Words();
        words.Split(Encoding.UTF8.GetBytes(new string('x', 5000) + " y\n"));
        Assert.Equal((2, 5000), (words.Count, words[0].Length));
        words.Split("a\n"u8);
        Assert.Equal((1, "a"), (words.Count, words.Text(0)));
    }

    private static string Split(string line)
    {
        var words = new Words();
        words.Split(Encoding.UTF8.GetBytes(line));
        return string.Join('|', Enumerable.Range(0, words.Count).Select(words.Text));
    }
}

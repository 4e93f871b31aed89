using System.Text;
using DcosIsolation.Daemon.IpsetCommand;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

public sealed class IpsetVerbsTests
{
    [Theory]
    [InlineData("Create", "create c cr --create --c -N new n --new")]
    [InlineData("Add", "add a --add -A ad")]
    [InlineData("Delete", "del d de --del -D")]
    [InlineData("Test", "test t te --test -T")]
    [InlineData("Destroy", "destroy des --destroy x -X --x")]
    [InlineData("List", "list l li --list -L")]
    [InlineData("Save", "save s sa --save -S")]
    [InlineData("Restore", "restore r res --restore -R")]
    [InlineData("Flush", "flush f --flush -F")]
    [InlineData("Rename", "rename ren --rename e -E")]
    [InlineData("Swap", "swap sw --swap w -W")]
    [InlineData("Help", "help h --help -h -H")]
    [InlineData("Version", "version v --version -v -V")]
    [InlineData("Quit", "quit q")]
    [InlineData("None", "- -- adds -a -Z foo --foo")]
    public void A_command_is_known_by_each_of_its_spellings(string verb, string spellings) =>
        Assert.All(spellings.Split(' '), word => Assert.Equal(verb, IpsetVerbs.Match(Encoding.UTF8.GetBytes(word)).ToString()));

    [Theory]
    [InlineData("-! add a 1 -q", "add a 1", "Exist Quiet")]
    [InlineData("add -exist a 1", "add a 1", "Exist")]
    [InlineData("--exist -o xml list --terse", "list", "Exist HeadersOnly Xml")]
    [InlineData("save -s -n -r -output plain -f out", "save", "NamesOnly Resolve Sorted Plain out")]
    [InlineData("list a-b", "list a-b", "")]
    public void Options_stand_anywhere_and_are_taken_out(string line, string left, string set)
    {
        var words = new Words();
        var settings = new IpsetSettings();
        words.Take(line.Split(' '));
        SettingsReader.Take(words, settings);
        Assert.Equal(left, string.Join(' ', Enumerable.Range(0, words.Count).Select(words.Text)));
        string[] seen =
        [
            settings.Exist ? "Exist" : "", settings.HeadersOnly ? "HeadersOnly" : "", settings.NamesOnly ? "NamesOnly" : "",
            settings.Quiet ? "Quiet" : "", settings.Resolve ? "Resolve" : "", settings.Sorted ? "Sorted" : "",
            settings.Mode == OutputMode.Default ? "" : settings.Mode.ToString(), settings.File ?? "",
        ];
        Assert.Equal(set, string.Join(' ', seen.Where(word => word.Length > 0)));
    }

    [Theory]
    [InlineData("list -o json", "Syntax error: unknown output mode 'json'", 1)]
    [InlineData("list -o", "Missing mandatory argument to option -o", 2)]
    [InlineData("save -f a -f b", "-file option cannot be used when full io is activated", 2)]
    public void A_wrong_option_is_told(string line, string message, int exitCode)
    {
        var words = new Words();
        words.Take(line.Split(' '));
        IpsetFailure failure = Assert.Throws<IpsetFailure>(() => SettingsReader.Take(words, new IpsetSettings()));
        Assert.Equal((message, exitCode), (failure.Message, failure.ExitCode));
    }

    [Theory]
    [InlineData("/usr/sbin/ipset list", "list")]
    [InlineData("ipset", "")]
    [InlineData("/opt/isolation-netlinkd ipset add a 1", "add a 1")]
    [InlineData("isolation-netlinkd apply ipset", null)]
    [InlineData("isolation-netlinkd", null)]
    public void The_program_is_meant_by_its_name_or_by_the_first_word(string commandLine, string? arguments) =>
        Assert.Equal(arguments, IpsetProgram.ArgumentsOf(commandLine.Split(' ')) is { } words ? string.Join(' ', words.ToArray()) : null);
}

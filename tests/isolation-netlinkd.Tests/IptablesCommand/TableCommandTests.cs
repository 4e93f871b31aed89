using DcosIsolation.Daemon.IptablesCommand;
using DcosIsolation.Netlink;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IptablesCommand;

/// <summary>Commands are told from the rules that they come with.</summary>
public sealed class TableCommandTests
{
    [Theory]
    [InlineData("-A a -p tcp -j b", "Append a 0 '' -p tcp -j b")]
    [InlineData("--append a -j b", "Append a 0 '' -j b")]
    [InlineData("--app=a", "Append a 0 ''")]
    [InlineData("-Aa -j b", "Append a 0 '' -j b")]
    [InlineData("-p tcp ! -s 10.0.0.1 -A a -j b", "Append a 0 '' -p tcp ! -s 10.0.0.1 -j b")]
    [InlineData("-A a -m comment --comment -D", "Append a 0 '' -m comment --comment -D")]
    [InlineData("-c 1 2 -A a -j b", "Append a 0 '' -c 1 2 -j b 1:2")]
    [InlineData("-I a", "Insert a 1 ''")]
    [InlineData("-I a 7 -j b", "Insert a 7 '' -j b")]
    [InlineData("-I a ! -p tcp", "Insert a 1 '' ! -p tcp")]
    [InlineData("-R a 7 -j b", "Replace a 7 '' -j b")]
    [InlineData("-D a -j b", "Delete a 0 '' -j b")]
    [InlineData("-D a 2147483647", "DeleteNumber a 2147483647 ''")]
    [InlineData("-C a -j b", "Check a 0 '' -j b")]
    [InlineData("-F", "Flush  0 ''")]
    [InlineData("-F a", "Flush a 0 ''")]
    [InlineData("-Fa -v", "Flush a 0 ''")]
    [InlineData("--flush=a", "Flush a 0 ''")]
    [InlineData("-Z", "Zero  0 ''")]
    [InlineData("-Z a 3", "Zero a 3 ''")]
    [InlineData("-N a", "NewChain a 0 ''")]
    [InlineData("-X", "DeleteChain  0 ''")]
    [InlineData("-X a", "DeleteChain a 0 ''")]
    [InlineData("-E a b", "RenameChain a 0 'b'")]
    [InlineData("-P a DROP -c 5,6", "Policy a 0 'DROP' 5:6")]
    [InlineData("-c 5 6 --policy a DROP", "Policy a 0 'DROP' 5:6")]
    [InlineData("-4 -F", "Flush  0 ''")]
    [InlineData("-6 -F", null)]
    [InlineData("-F -6", null)]
    public void A_command_is_read(string line, string? read)
    {
        var command = TableCommand.Read(line.Split(' '), NetfilterFamily.Inet);
        string? text = command is null ? null : $"{command.Verb} {command.Chain} {command.Number} '{command.Argument}'"
            + string.Concat(command.Rule.Select(word => " " + word))
            + (command.Counters == default ? "" : $" {command.Counters.Packets}:{command.Counters.Bytes}");
        Assert.Equal(read, text);
    }

    [Theory]
    [InlineData("-p tcp", "there is no command, such as -A CHAIN")]
    [InlineData("COMMIT ", "the argument 'COMMIT' is not understood")]
    [InlineData("*nat", "the argument '*nat' is not understood")]
    [InlineData("-t nat -F", "-t cannot be used in the lines of a table")]
    [InlineData("-w -F", "-w cannot be used in the lines of a table")]
    [InlineData("-L", "-L cannot be used in the lines of a table")]
    [InlineData("-F a b", "the argument 'b' is not understood")]
    [InlineData("-F -X", "there are two commands")]
    [InlineData("-F -p tcp", "-p is for rules")]
    [InlineData("! -F", "! is for rules")]
    [InlineData("-A", "the option -A takes a value")]
    [InlineData("-R a -j b", "-R takes the number of a rule")]
    [InlineData("-I a 0", "'0' is no number of a rule; they begin with 1")]
    [InlineData("-D a b", "'b' is no number of a rule; they begin with 1")]
    [InlineData("-E a", "-E takes a chain's name and the new one")]
    [InlineData("-P a", "-P takes a chain and a policy")]
    [InlineData("-P a DROP -c 1", "-c takes a number of packets and a number of bytes")]
    [InlineData("-P a DROP -c 1 x", "-c takes a number of packets and a number of bytes")]
    [InlineData("-N !a", "'!a' cannot name a chain: it begins with - or !, or has a space")]
    [InlineData("--dport 80 -A a", "there is no option --dport")]
    public void A_mistake_is_told(string line, string message)
    {
        IptablesFailure failure = Assert.Throws<IptablesFailure>(
            () => TableCommand.Read(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), NetfilterFamily.Inet));
        Assert.Equal((message, IptablesFailure.Invalid), (failure.Message, failure.ExitCode));
    }
}

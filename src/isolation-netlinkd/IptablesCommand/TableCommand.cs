using System.Globalization;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>A command of iptables, read as far as it is not a rule.</summary>
internal sealed class TableCommand
{
    /// <summary>XT_EXTENSION_MAXNAMELEN - 1: a chain's name stands where a target's stands.</summary>
    private const int MaxName = 28;

    private static readonly KnownOption[] s_known =
    [
        new('A', "append", OptionArgument.Required),
        new('D', "delete", OptionArgument.Required),
        new('C', "check", OptionArgument.Required),
        new('I', "insert", OptionArgument.Required),
        new('R', "replace", OptionArgument.Required),
        new('L', "list", OptionArgument.Optional),
        new('S', "list-rules", OptionArgument.Optional),
        new('F', "flush", OptionArgument.Optional),
        new('Z', "zero", OptionArgument.Optional),
        new('N', "new-chain", OptionArgument.Required),
        new('X', "delete-chain", OptionArgument.Optional),
        new('E', "rename-chain", OptionArgument.Required),
        new('P', "policy", OptionArgument.Required),
        new('s', "source", OptionArgument.Required),
        new('d', "destination", OptionArgument.Required),
        new('s', "src", OptionArgument.Required),
        new('d', "dst", OptionArgument.Required),
        new('p', "protocol", OptionArgument.Required),
        new('i', "in-interface", OptionArgument.Required),
        new('j', "jump", OptionArgument.Required),
        new('t', "table", OptionArgument.Required),
        new('m', "match", OptionArgument.Required),
        new('n', "numeric"),
        new('o', "out-interface", OptionArgument.Required),
        new('v', "verbose"),
        new('w', "wait", OptionArgument.Optional),
        new('W', "wait-interval", OptionArgument.Optional),
        new('x', "exact"),
        new('f', "fragments"),
        new('V', "version"),
        new('h', "help", OptionArgument.Optional),
        new('0', "line-numbers"),
        new('M', "modprobe", OptionArgument.Required),
        new('c', "set-counters", OptionArgument.Required),
        new('g', "goto", OptionArgument.Required),
        new('4', "ipv4"),
        new('6', "ipv6"),
    ];

    private TableCommand()
    {
    }

    public TableVerb Verb { get; private set; }

    /// <summary>The chain; null where a command is for all of them.</summary>
    public string? Chain { get; private set; }

    /// <summary>The rule's number, from 1; 0 if there is none.</summary>
    public int Number { get; private set; }

    /// <summary>The chain's new name, or its policy.</summary>
    public string Argument { get; private set; } = "";

    /// <summary>The counters of a policy.</summary>
    public XtablesCounters Counters { get; private set; }

    /// <summary>What is left to be read as a rule.</summary>
    public IReadOnlyList<string> Rule { get; private set; } = [];

    /// <summary>Reads a command.</summary>
    /// <param name="words">The words of the line.</param>
    /// <param name="family">The table's family.</param>
    /// <returns>Null where the line says that it is for the other family.</returns>
    /// <exception cref="IptablesFailure">It is none.</exception>
    public static TableCommand? Read(string[] words, NetfilterFamily family)
    {
        var command = new TableCommand();
        if (words is ["-A", var chain, ..])
        {
            (command.Verb, command.Chain, command.Rule) = (TableVerb.Append, CheckLength(chain), new ArraySegment<string>(words, 2, words.Length - 2));
            return command;
        }

        string? forRules = null;
        var reader = new OptionReader(words, s_known, IptablesFailure.Invalid);
        while (reader.TryRead(out char letter))
        {
            switch (letter)
            {
                case '4' or '6' when letter == '4' != (family == NetfilterFamily.Inet):
                    return null;
                case '4' or '6' or 'v' or 'n' or 'x' or '0' or 'M':
                    break;
                case 'c':
                    command.ReadCounters(reader);
                    break;
                case 't' or 'w' or 'W' or 'L' or 'S' or 'V' or 'h':
                    throw Mistake($"-{letter} cannot be used in the lines of a table");
                case 's' or 'd' or 'p' or 'i' or 'o' or 'j' or 'g' or 'm' or 'f':
                    forRules ??= $"-{letter}";
                    break;
                case OptionReader.Operand when reader.Value == "!":
                    forRules ??= "!";
                    break;
                case OptionReader.Operand:
                    throw Mistake($"the argument '{reader.Value}' is not understood");
                default:
                    command.ReadVerb(letter, reader);
                    if (command.Verb <= TableVerb.Check)
                    {
                        command.Rule = [.. words[..reader.Start], .. words[reader.Next..]];
                        return command;
                    }

                    break;
            }
        }

        return command.Verb == TableVerb.None ? throw Mistake("there is no command, such as -A CHAIN")
            : forRules is null ? command
            : throw Mistake($"{forRules} is for rules");
    }

    /// <summary>Refuses a name that no chain can have.</summary>
    /// <exception cref="IptablesFailure">It is too long.</exception>
    public static string CheckLength(string name) =>
        name.Length <= MaxName ? name : throw Mistake($"the name of a chain has {MaxName} bytes at most, '{name}' has {name.Length}");

    private static IptablesFailure Mistake(string message) => new(message, IptablesFailure.Invalid);

    private void ReadVerb(char letter, OptionReader reader)
    {
        if (Verb != TableVerb.None)
        {
            throw Mistake("there are two commands");
        }

        Chain = reader.Value is { } chain ? CheckLength(chain) : null;
        string? further = letter is 'A' or 'C' or 'N' or 'F' or 'X' ? null : reader.ReadArgument();
        switch (letter)
        {
            case 'A':
                Verb = TableVerb.Append;
                break;
            case 'C':
                Verb = TableVerb.Check;
                break;
            case 'I':
                (Verb, Number) = (TableVerb.Insert, further is null ? 1 : ReadNumber(further));
                break;
            case 'R':
                (Verb, Number) = (TableVerb.Replace, ReadNumber(further ?? throw Mistake("-R takes the number of a rule")));
                break;
            case 'D':
                (Verb, Number) = further is null ? (TableVerb.Delete, 0) : (TableVerb.DeleteNumber, ReadNumber(further));
                break;
            case 'F':
                Verb = TableVerb.Flush;
                break;
            case 'Z':
                (Verb, Number) = (TableVerb.Zero, further is null ? 0 : ReadNumber(further));
                break;
            case 'N':
                Verb = TableVerb.NewChain;
                CheckNewName(Chain!);
                break;
            case 'X':
                Verb = TableVerb.DeleteChain;
                break;
            case 'E':
                (Verb, Argument) = (TableVerb.RenameChain, further ?? throw Mistake("-E takes a chain's name and the new one"));
                break;
            case 'P':
                (Verb, Argument) = (TableVerb.Policy, further ?? throw Mistake("-P takes a chain and a policy"));
                break;
        }
    }

    private static int ReadNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw Mistake($"'{text}' is no number of a rule; they begin with 1");

    private static void CheckNewName(string name)
    {
        if (name is "ACCEPT" or "DROP" or "QUEUE" or "RETURN")
        {
            throw Mistake($"{name} is a verdict, and cannot name a chain");
        }

        if (name is ['-' or '!', ..] || name.AsSpan().ContainsAny(' ', '\t', '\n'))
        {
            throw Mistake($"'{name}' cannot name a chain: it begins with - or !, or has a space");
        }
    }

    private void ReadCounters(OptionReader reader)
    {
        string text = reader.Value!;
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        string packets = comma < 0 ? text : text[..comma];
        string? bytes = comma < 0 ? reader.ReadArgument() : text[(comma + 1)..];
        Counters = ulong.TryParse(packets, NumberStyles.None, CultureInfo.InvariantCulture, out ulong packetCount)
            && ulong.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out ulong byteCount)
            ? new(packetCount, byteCount)
            : throw Mistake("-c takes a number of packets and a number of bytes");
    }
}

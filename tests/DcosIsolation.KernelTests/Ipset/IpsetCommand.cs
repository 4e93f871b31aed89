using System.Text;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>One call of ipset: its arguments, and what it reads on its standard input.</summary>
internal sealed record IpsetCommand(string[] Arguments, string[]? Input = null)
{
    private const string InputBegins = " <<";
    private const string InputEnds = ">>";

    /// <summary>
    /// Reads a script: a command a line, without the program; double quotes keep words together; # begins a comment and blank lines are
    /// none. What stands between a line that ends in <c>&lt;&lt;</c> and a line <c>&gt;&gt;</c> is read by the command, as it is.
    /// </summary>
    public static List<IpsetCommand> Parse(IEnumerable<string> lines)
    {
        var script = new List<IpsetCommand>();
        List<string>? input = null;
        foreach (string line in lines)
        {
            if (input is not null && line != InputEnds)
            {
                input.Add(line);
            }
            else if (input is not null)
            {
                script[^1] = script[^1] with { Input = [.. input] };
                input = null;
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                bool reads = line.EndsWith(InputBegins, StringComparison.Ordinal);
                script.Add(new IpsetCommand(Words(reads ? line[..^InputBegins.Length] : line)));
                input = reads ? [] : null;
            }
        }

        return input is null ? script : throw new FormatException($"the input of '{script[^1]}' does not end");
    }

    /// <summary>The command as a script says it.</summary>
    public override string ToString()
    {
        string words = string.Join(' ', Arguments.Select(word => word.Length == 0 || word.Contains(' ') ? $"\"{word}\"" : word));
        return Input is null ? words : string.Join('\n', [words + InputBegins, .. Input, InputEnds]);
    }

    private static string[] Words(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        bool isQuoted = false;
        foreach (char c in line)
        {
            if (c == '"')
            {
                isQuoted = !isQuoted;
                word ??= new StringBuilder();
            }
            else if (c == ' ' && !isQuoted)
            {
                words.AddRange(word is null ? [] : [word.ToString()]);
                word = null;
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        words.AddRange(word is null ? [] : [word.ToString()]);
        return [.. words];
    }
}

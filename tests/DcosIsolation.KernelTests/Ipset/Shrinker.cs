using System.Diagnostics;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>Makes a script that fails smaller: fewer commands, then fewer lines and words in each, as long as it still fails.</summary>
internal sealed class Shrinker(Func<IReadOnlyList<IpsetCommand>, bool> fails)
{
    private const int MaxRuns = 400;
    private static readonly TimeSpan s_maxTime = TimeSpan.FromSeconds(60);

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>How many scripts were tried.</summary>
    public int Runs { get; private set; }

    public List<IpsetCommand> Shrink(List<IpsetCommand> script)
    {
        // What one round takes away can make more superfluous.
        for (int before = int.MaxValue; Size(script) < before && HasBudget();)
        {
            before = Size(script);
            script = Fewer(script, commands => commands);
            for (int i = 0; i < script.Count; i++)
            {
                script[i] = Shorter(script, i);
            }
        }

        return script;
    }

    private IpsetCommand Shorter(List<IpsetCommand> script, int index)
    {
        IpsetCommand command = script[index];
        if (command.Input is not null)
        {
            command = command with { Input = [.. Fewer([.. command.Input], lines => With(command with { Input = [.. lines] }))] };
            for (int i = 0; i < command.Input.Length; i++)
            {
                string[] input = command.Input;
                int line = i;
                List<string> words = Fewer([.. input[i].Split(' ')], words => With(command with { Input = Replaced(input, line, words) }));
                command = command with { Input = Replaced(input, line, words) };
            }
        }

        return command with { Arguments = [.. Fewer([.. command.Arguments], words => With(command with { Arguments = [.. words] }))] };

        List<IpsetCommand> With(IpsetCommand candidate) => [.. script[..index], candidate, .. script[(index + 1)..]];
    }

    private static string[] Replaced(string[] lines, int index, List<string> words) =>
        [.. lines[..index], string.Join(' ', words), .. lines[(index + 1)..]];

    // Without halves first, then without quarters, down to single pieces.
    private List<T> Fewer<T>(List<T> pieces, Func<List<T>, List<IpsetCommand>> script)
    {
        for (int size = Math.Max(1, pieces.Count / 2); size > 0; size /= 2)
        {
            for (int end = pieces.Count; end > 0; end -= size)
            {
                List<T> fewer = [.. pieces[..Math.Max(0, end - size)], .. pieces[end..]];
                if (HasBudget() && Fails(script(fewer)))
                {
                    pieces = fewer;
                }
            }
        }

        return pieces;
    }

    private bool HasBudget() => Runs < MaxRuns && _clock.Elapsed < s_maxTime;

    private bool Fails(List<IpsetCommand> script)
    {
        Runs++;
        return fails(script);
    }

    private static int Size(List<IpsetCommand> script) => script.Sum(command => command.ToString().Length + 1);
}

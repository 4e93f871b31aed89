using System.Diagnostics;
using System.Globalization;
using DcosIsolation.Lab;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>
/// A network namespace in which programs are run one after the other, by a shell that is told all of them at once: in UML it starts one
/// many times faster than this process, and to wait for each costs as much as the program.
/// </summary>
internal sealed class World : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);

    private readonly NetworkNamespace _space;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("world");
    private readonly Process _shell;
    private readonly Timer _deadline;

    public World(string label)
    {
        _space = NetworkNamespace.Create(label);
        var start = new ProcessStartInfo("sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _directory.FullName,
        };
        _shell = _space.Run(() => Process.Start(start)!);
        _deadline = new Timer(_ => _shell.Kill(entireProcessTree: true));
    }

    /// <summary>Begins to run commands, each with a program; <see cref="Finish"/> waits for them.</summary>
    public void Begin(IReadOnlyList<(string[] Program, IpsetCommand Command)> calls)
    {
        _deadline.Change(s_deadline, Timeout.InfiniteTimeSpan);
        for (int i = 0; i < calls.Count; i++)
        {
            (string[] program, IpsetCommand command) = calls[i];
            if (command.Input is not null)
            {
                File.WriteAllLines(PathOf("in", i), command.Input);
            }

            string words = string.Join(' ', program.Concat(command.Arguments).Select(Quoted));
            _shell.StandardInput.WriteLine($"{words} <{(command.Input is null ? "/dev/null" : $"in.{i}")} >out.{i} 2>err.{i}; echo $?");
        }

        _shell.StandardInput.Flush();
    }

    /// <summary>Waits for the commands and says what each did.</summary>
    public List<Behaviour> Finish(IReadOnlyList<(string[] Program, IpsetCommand Command)> calls)
    {
        var behaviours = new List<Behaviour>(calls.Count);
        for (int i = 0; i < calls.Count; i++)
        {
            string status = _shell.StandardOutput.ReadLine()
                ?? throw new TimeoutException($"{string.Join(' ', calls[i].Program)} did not end within {s_deadline}: {calls[i].Command}");
            behaviours.Add(new Behaviour(
                int.Parse(status, CultureInfo.InvariantCulture), File.ReadAllText(PathOf("out", i)), File.ReadAllText(PathOf("err", i))));
        }

        _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return behaviours;
    }

    public void Dispose()
    {
        _deadline.Dispose();
        _shell.Kill(entireProcessTree: true);
        _shell.Dispose();
        _space.Dispose();
        _directory.Delete(recursive: true);
    }

    private string PathOf(string name, int call) => Path.Combine(_directory.FullName, $"{name}.{call}");

    private static string Quoted(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}

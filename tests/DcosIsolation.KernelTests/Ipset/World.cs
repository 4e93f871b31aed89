using System.Diagnostics;
using System.Globalization;
using DcosIsolation.Lab;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>
/// A network namespace in which programs are run one after the other, by a shell: in UML it starts one ten times faster than this process,
/// which has more memory to be copied.
/// </summary>
internal sealed class World : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

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

        // Rather than a wait with a deadline, which would need another thread: in UML they cost as much as the program.
        _deadline = new Timer(_ => _shell.Kill(entireProcessTree: true));
    }

    /// <summary>Runs the program with the command's arguments and input to its end.</summary>
    public Behaviour Run(IEnumerable<string> program, IpsetCommand command)
    {
        if (command.Input is not null)
        {
            File.WriteAllLines(PathOf("in"), command.Input);
        }

        string words = string.Join(' ', program.Concat(command.Arguments).Select(Quoted));
        _deadline.Change(s_deadline, Timeout.InfiniteTimeSpan);
        _shell.StandardInput.WriteLine($"{words} <{(command.Input is null ? "/dev/null" : "in")} >out 2>err; echo $?");
        _shell.StandardInput.Flush();
        string status = _shell.StandardOutput.ReadLine() ?? throw new TimeoutException($"{words} did not end within {s_deadline}");
        _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return new Behaviour(
            int.Parse(status, CultureInfo.InvariantCulture), File.ReadAllText(PathOf("out")), File.ReadAllText(PathOf("err")));
    }

    public void Dispose()
    {
        _deadline.Dispose();
        _shell.Kill(entireProcessTree: true);
        _shell.Dispose();
        _space.Dispose();
        _directory.Delete(recursive: true);
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private static string Quoted(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}

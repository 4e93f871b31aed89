using System.Diagnostics;
using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary><c>run</c> on a node: started once its policy is in force, killed when disposed of.</summary>
internal sealed class RunningDaemon : IDisposable
{
    /// <summary>What User Mode Linux takes for what a machine does at once. How long things took is in the tests' output.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Node _node;
    private readonly RunningProgram _program;

    private RunningDaemon(Node node, RunningProgram program) => (_node, _program) = (node, program);

    public bool HasExited => _program.HasExited;

    /// <summary>What it logged so far.</summary>
    public string Log => _program.Error;

    /// <summary>How many lines of the log contain a text.</summary>
    public int Lines(string text) => Log.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Starts it with the details in its log, and waits until the policy is in force.</summary>
    public static RunningDaemon Start(Node node, string policy, string interval, params string[] options) =>
        Start(node, through: [], policy, interval, options);

    /// <summary>The same, through a program that runs it.</summary>
    public static RunningDaemon Start(Node node, string[] through, string policy, string interval, params string[] options)
    {
        string[] command = [.. through, .. node.Netlinkd(["run", "--policy", policy, "--verify-interval", interval, "-v", .. options])];
        var daemon = new RunningDaemon(node, node.Space.Start(command[0], command[1..]));
        daemon.WaitFor("in force: policy ");
        return daemon;
    }

    public void Signal(int signal) => _program.Signal(signal);

    /// <summary>Waits until the log contains a text.</summary>
    public void WaitFor(string text) => _program.WaitForOutput(text, Patience);

    /// <summary>Waits until a set holds an entry, and returns how long that took.</summary>
    public TimeSpan AwaitEntry(string entry) => Await(() => _node.Sets().Contains(entry, StringComparison.Ordinal), entry);

    /// <summary>Waits until something is true, and returns how long that took.</summary>
    public TimeSpan Await(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!IsTrue(condition))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"after {Patience} there is still not: {what}\n{Log}");
            Thread.Sleep(20);
        }

        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Has it end, which must go well, and returns how long that took.</summary>
    public TimeSpan Stop()
    {
        long start = Stopwatch.GetTimestamp();
        Signal(15);
        ProgramResult ended = _program.WaitForExit(Patience);
        Assert.True(ended.ExitCode == 0, $"exit status {ended.ExitCode}:\n{ended.Error}");
        return Stopwatch.GetElapsedTime(start);
    }

    public DaemonUsage Usage()
    {
        using Process process = Process.GetProcessById(_program.Id);
        return new DaemonUsage(
            process.TotalProcessorTime,
            process.WorkingSet64,
            process.PeakWorkingSet64,
            Directory.GetFileSystemEntries($"/proc/{_program.Id}/fd").Length);
    }

    public void Dispose() => _program.Dispose();

    private static bool IsTrue(Func<bool> condition)
    {
        try
        {
            return condition();
        }
        catch (InvalidOperationException)
        {
            // The reference programs fail where rules and sets change between two of their questions.
            return false;
        }
    }
}

/// <summary>What a process takes of the machine.</summary>
/// <param name="Processor">Time of processors so far.</param>
/// <param name="Resident">Memory now, in bytes.</param>
/// <param name="Peak">The most memory so far.</param>
/// <param name="Descriptors">Open descriptors.</param>
internal sealed record DaemonUsage(TimeSpan Processor, long Resident, long Peak, int Descriptors);

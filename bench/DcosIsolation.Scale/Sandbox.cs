using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Scale;

/// <summary>
/// Runs commands in network namespaces of the machine's own kernel. A namespace is the calling thread's, and what it starts inherits it, so
/// that everything here is for one thread.
/// </summary>
/// <param name="stopwatch">native-tests/build/stopwatch.</param>
/// <param name="work">A directory for what commands print.</param>
internal sealed class Sandbox(string stopwatch, string work)
{
    /// <summary>What the last command printed.</summary>
    public string Output { get; } = Path.Combine(work, "output");

    /// <summary>
    /// Leaves the namespace for a fresh one, and waits for the kernel to be done with the old one, which it clears away in its own time.
    /// </summary>
    public static void Enter()
    {
        if (unshare(CLONE_NEWNET) != 0)
        {
            throw new InvalidOperationException("cannot make a network namespace: this needs root");
        }

        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < TimeSpan.FromSeconds(0.5))
        {
            (long idle, long total) = ProcessorTime();
            Thread.Sleep(50);
            (long idleNow, long totalNow) = ProcessorTime();
            if (idleNow - idle >= 0.9 * (totalNow - total))
            {
                return;
            }
        }
    }

    /// <summary>Runs a shell's command, which a row takes the time and memory of.</summary>
    /// <exception cref="InvalidOperationException">It failed; what it printed is in the message.</exception>
    public void Measure(Row row, string command, TimeSpan? atMost = null)
    {
        if (row.LeftOut is not null)
        {
            return;
        }

        string result = Path.Combine(work, "stopwatch");
        if (!Start($"exec '{stopwatch}' '{result}' {command}", atMost))
        {
            row.LeftOut = $"not done after {atMost!.Value.TotalSeconds:0} s";
            return;
        }

        string[] fields = File.ReadAllText(result).Split(' ');
        row.Add(double.Parse(fields[0], CultureInfo.InvariantCulture), long.Parse(fields[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Runs a shell's command, untimed.</summary>
    public void Run(string command) => Start(command, null);

    public static bool Exists(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>The first line that a program prints, or null when it is not there.</summary>
    public static string? FirstLine(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? text.Split('\n')[0] : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <returns>Whether it ended in time.</returns>
    private bool Start(string command, TimeSpan? atMost)
    {
        string errors = Path.Combine(work, "errors");
        using var process = Process.Start("/bin/sh", ["-c", $"exec >'{Output}' 2>'{errors}'; {command}"]);
        if (!process.WaitForExit(atMost ?? TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return atMost is null ? throw new InvalidOperationException($"not done after five minutes: {command}") : false;
        }

        return process.ExitCode == 0
            ? true
            : throw new InvalidOperationException($"exit status {process.ExitCode}: {command}\n{File.ReadAllText(errors)}");
    }

    private static (long Idle, long Total) ProcessorTime()
    {
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long[] ticks = [.. fields.Skip(1).Select(long.Parse)];
        return (ticks[3] + ticks[4], ticks.Sum());
    }
}

using System.Diagnostics;
using System.Globalization;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Output;

/// <summary>
/// One line on a terminal that tells how far long work is, written over and over, and gone when the work is done. What is over soon shows none.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TextWriter _terminal;
    private readonly TimeSpan _interval;
    private TimeSpan _next;
    private int _shown;

    /// <param name="terminal">The terminal.</param>
    /// <param name="patience">How long nothing is shown; 300 ms unless given.</param>
    /// <param name="interval">How long each line stays; 100 ms unless given.</param>
    public ProgressLine(TextWriter terminal, TimeSpan? patience = null, TimeSpan? interval = null)
    {
        _terminal = terminal;
        _next = patience ?? TimeSpan.FromMilliseconds(300);
        _interval = interval ?? TimeSpan.FromMilliseconds(100);
    }

    /// <summary>Whether standard error is a terminal.</summary>
    public static bool IsTerminal => isatty(2) == 1;

    /// <summary>So many of a set's entries are in the kernel.</summary>
    public void Loading(string set, int done, int total) => Report("loading", set, done, total);

    /// <summary>So many of a set's entries have been read.</summary>
    public void Reading(string set, int done, int total) => Report("reading", set, done, total);

    /// <summary>Erases the line.</summary>
    public void Dispose() => Write("");

    private void Report(string what, string set, int done, int total)
    {
        if (done >= total)
        {
            Write("");
        }
        else if (Stopwatch.GetElapsedTime(_start) is var now && now >= _next)
        {
            _next = now + _interval;
            Write(string.Create(CultureInfo.InvariantCulture, $"{what} {set}  {done:#,0} of {total:#,0}"));
        }
    }

    private void Write(string line)
    {
        if (line.Length + _shown == 0)
        {
            return;
        }

        try
        {
            // Blanks erase on every terminal.
            _terminal.Write($"\r{line.PadRight(_shown)}{(line.Length == 0 ? "\r" : "")}");
            _shown = line.Length;
        }
        catch (IOException)
        {
            // Nobody looks any more.
        }
    }
}

using System.Diagnostics;
using System.Text;
using Tmds.Linux;

namespace DcosIsolation.Lab;

/// <summary>What a program printed, and how it ended.</summary>
public sealed record ProgramResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Throws when the program failed, with what it said.</summary>
    public ProgramResult EnsureSuccess() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"{Command}: exit status {ExitCode}\n{Output}{Error}");
}

/// <summary>A program whose output is collected while it runs.</summary>
public sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly string _command;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    // Who reads from a pipe keeps a thread of the pool, of which there are as many as processors, and then one more a second.
    static RunningProgram() => ThreadPool.SetMinThreads(64, 64);

    internal RunningProgram(ProcessStartInfo start, string? input)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        _command = string.Join(' ', [start.FileName, .. start.ArgumentList]);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Collect(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Collect(_error, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            _process.StandardInput.Write(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input; how it ended says why.
        }
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>The standard error so far.</summary>
    public string Error => Text(_error);

    /// <summary>Sends a signal, such as SIGTERM (15).</summary>
    public void Signal(int signal)
    {
        if (LibC.kill(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"cannot send signal {signal} to {_command}: errno {LibC.errno}");
        }
    }

    /// <summary>Waits until what was printed, on either stream, contains <paramref name="text"/>.</summary>
    public void WaitForOutput(string text, TimeSpan deadline)
    {
        var clock = Stopwatch.StartNew();
        while (!Output.Contains(text, StringComparison.Ordinal) && !Error.Contains(text, StringComparison.Ordinal))
        {
            if (_process.HasExited || clock.Elapsed > deadline)
            {
                string state = _process.HasExited ? $"ended with {_process.ExitCode}" : $"ran for {deadline}";
                throw new TimeoutException($"{_command} {state} and did not print '{text}':\n{Output}{Error}");
            }

            Thread.Sleep(20);
        }
    }

    /// <summary>Waits for the end; a program that does not end in time is killed, and is an error.</summary>
    public ProgramResult WaitForExit(TimeSpan deadline)
    {
        if (!_process.WaitForExit(deadline))
        {
            Kill();
            throw new TimeoutException($"{_command} did not end within {deadline}:\n{Output}{Error}");
        }

        // Without a deadline this also waits for the last of the output.
        _process.WaitForExit();
        return new ProgramResult(_command, _process.ExitCode, Output, Error);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static void Collect(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
    }
}

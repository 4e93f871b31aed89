using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DcosIsolation.Daemon.Commands;

/// <summary>What every command is given: where results and diagnostics go, and how much of them is wanted.</summary>
internal sealed class CommandContext(TextWriter output, TextWriter error, bool json, bool verbose)
{
    /// <summary>Where results go.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Where diagnostics go.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Whether the result is one JSON document.</summary>
    public bool Json { get; } = json;

    /// <summary>Whether more is told.</summary>
    public bool Verbose { get; } = verbose;

    /// <summary>Logs to standard error with <c>-v</c>, nowhere without.</summary>
    public ILogger Logger => Verbose && Error != TextWriter.Null ? new LineLogger(Error) : NullLogger.Instance;

    /// <summary>Shows how far long work is, on a terminal; null elsewhere, with <c>--json</c>, and with <c>-v</c>, which tells more.</summary>
    public ProgressLine? Progress() => !Json && !Verbose && ProgressLine.IsTerminal ? new ProgressLine(Error) : null;

    /// <summary>Says something on standard error, in one line that is harmless to a terminal.</summary>
    public void Tell(string message) => TellPlainly(Quoted.Escape($"isolation-netlinkd: {message}"));

    /// <summary>Says something on standard error as it is. Where that cannot be written, nobody is left to be told.</summary>
    public void TellPlainly(string message)
    {
        try
        {
            Error.WriteLine(message);
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Writes what the command was asked for: one JSON document, or text.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void WriteResult(Action<JsonResult> json, Action<TextWriter> text)
    {
        try
        {
            Write(json, text);
        }
        catch (IOException e)
        {
            throw new IOException($"the result could not be written: {e.Message}", e);
        }
    }

    /// <summary>Writes the report on what has been done, which stays done if the report cannot be written.</summary>
    public void WriteReport(string done, Action<JsonResult> json, Action<TextWriter> text)
    {
        try
        {
            Write(json, text);
        }
        catch (IOException e)
        {
            Tell($"{done}, but the report could not be written: {e.Message}");
        }
    }

    /// <summary>Says why the command failed: on standard error, and with <c>--json</c> as the document too.</summary>
    public void WriteFailure(int exitCode, IReadOnlyCollection<string> messages, IEnumerable<PolicyDiagnostic>? diagnostics = null)
    {
        foreach (string message in messages)
        {
            Tell(message);
        }

        try
        {
            Write(
                json =>
                {
                    json.Writer.WriteString("error", string.Join("; ", messages));
                    json.Writer.WriteNumber("exitCode", exitCode);
                    if (diagnostics is not null)
                    {
                        DiagnosticJson.Write(json, diagnostics);
                    }
                },
                text: _ => { });
        }
        catch (IOException)
        {
            // That the output cannot be written may be the very failure, and has been told.
        }
    }

    private void Write(Action<JsonResult> json, Action<TextWriter> text)
    {
        if (!Json)
        {
            text(Output);
            return;
        }

        using var document = new JsonResult(Output);
        json(document);
        document.Complete();
    }
}

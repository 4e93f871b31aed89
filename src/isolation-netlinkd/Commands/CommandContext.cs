using DcosIsolation.Daemon.Output;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace DcosIsolation.Daemon.Commands;

/// <summary>What every command is given: where results and diagnostics go, and how much of them is wanted.</summary>
internal sealed class CommandContext(TextWriter output, TextWriter error, bool json, bool verbose) : IDisposable
{
    private ILoggerFactory? _loggers;

    /// <summary>Where results go.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Where diagnostics go.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Whether the result is one JSON document.</summary>
    public bool Json { get; } = json;

    /// <summary>Whether more is told.</summary>
    public bool Verbose { get; } = verbose;

    /// <summary>Logs to standard error with <c>-v</c>, nowhere without.</summary>
    public ILogger Logger => Verbose ? (_loggers ??= CreateLoggers()).CreateLogger("isolation-netlinkd") : NullLogger.Instance;

    /// <summary>Says something on standard error.</summary>
    public void Tell(string message) => Error.WriteLine($"isolation-netlinkd: {message}");

    /// <summary>Writes the result: one JSON document, or text.</summary>
    public void WriteResult(Action<JsonResult> json, Action<TextWriter> text)
    {
        if (!Json)
        {
            text(Output);
            return;
        }

        using var document = new JsonResult(Output);
        json(document);
    }

    /// <inheritdoc/>
    public void Dispose() => _loggers?.Dispose();

    // Loading the console logger costs milliseconds: only who asked for it pays.
    private static ILoggerFactory CreateLoggers() => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(LogLevel.Debug);
        logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddSimpleConsole(format => (format.SingleLine, format.ColorBehavior) = (true, LoggerColorBehavior.Disabled));
    });
}

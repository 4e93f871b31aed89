using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Output;

/// <summary>
/// Logs one line an event, as the framework's simple console formatter does. That formatter comes with configuration, dependency injection
/// and JSON, which are a tenth of the binary.
/// </summary>
internal sealed class LineLogger(TextWriter output) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Debug and < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string message = formatter(state, exception) + (exception is null ? "" : $" {exception}");
        try
        {
            output.WriteLine(Quoted.Escape($"{Short(logLevel)}: isolation-netlinkd[{eventId.Id}] {message}"));
        }
        catch (IOException)
        {
            // As with all that is told on standard error: where that cannot be written, nobody is left to be told.
        }
    }

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}

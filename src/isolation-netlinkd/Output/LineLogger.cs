using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Output;

/// <summary>
/// Logs one line an event, as the framework's simple console formatter does. That formatter comes with configuration, dependency injection
/// and JSON, which are a tenth of the binary.
/// </summary>
internal sealed class LineLogger(TextWriter output, LogFormat format = LogFormat.Console, LogLevel least = LogLevel.Debug) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string message = formatter(state, exception) + (exception is null ? "" : $" {exception}");
        try
        {
            output.WriteLine(Quoted.Escape(format switch
            {
                LogFormat.Json => Json(logLevel, eventId.Id, message, state as IReadOnlyList<KeyValuePair<string, object?>> ?? []),
                LogFormat.Journald => $"<{Priority(logLevel)}>{message}",
                _ => $"{Short(logLevel)}: isolation-netlinkd[{eventId.Id}] {message}",
            }));
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

    /// <summary>syslog's numbers.</summary>
    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Debug => 7,
        LogLevel.Information => 6,
        LogLevel.Warning => 4,
        LogLevel.Error => 3,
        _ => 2,
    };

    private static string Json(LogLevel level, int id, string message, IReadOnlyList<KeyValuePair<string, object?>> properties)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("time", DateTime.UtcNow);
            json.WriteString("level", Name(level));
            json.WriteNumber("eventId", id);
            json.WriteString("message", message);
            json.WriteStartObject("properties");
            for (int i = 0; i < properties.Count; i++)
            {
                (string name, object? value) = properties[i];
                if (name != "{OriginalFormat}")
                {
                    json.WritePropertyName(name);
                    WriteValue(json, value);
                }
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Debug => "debug",
        LogLevel.Information => "information",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}

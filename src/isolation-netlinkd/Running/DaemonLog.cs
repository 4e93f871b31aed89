using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Running;

/// <summary>What the daemon says of itself.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(EventId = 20, Level = LogLevel.Information, Message = "keeps this network namespace at {Policy}, looked at every {Seconds} s")]
    public static partial void Started(ILogger logger, string policy, double seconds);

    [LoggerMessage(EventId = 21, Level = LogLevel.Information, Message =
        "in force: policy {PolicyDigest}, {Networks} networks, {Entries} entries; {Made} sets made, {Commits} tables written; {Read} ms to read the policy, {Milliseconds} ms to switch")]
    public static partial void Applied(
        ILogger logger, string policyDigest, int networks, long entries, int made, int commits, double read, double milliseconds);

    [LoggerMessage(EventId = 23, Level = LogLevel.Error, Message = "{Reason}; what is in force stays")]
    public static partial void Invalid(ILogger logger, string reason);

    [LoggerMessage(EventId = 24, Level = LogLevel.Error, Message = "the policy could not be put in force: {Reason}; tried again in {Seconds} s")]
    public static partial void ApplyFailed(ILogger logger, string reason, double seconds);

    [LoggerMessage(EventId = 25, Level = LogLevel.Warning, Message = "someone changed the kernel ({Kind}): {What}")]
    public static partial void Drifted(ILogger logger, string kind, string what);

    [LoggerMessage(EventId = 26, Level = LogLevel.Warning, Message = "put back: {Made} sets made, {Added} entries added, {Removed} removed, {Commits} tables written, {Milliseconds} ms")]
    public static partial void Repaired(ILogger logger, int made, long added, long removed, int commits, double milliseconds);

    [LoggerMessage(EventId = 27, Level = LogLevel.Error, Message = "the kernel could not be looked at or put right: {Reason}; tried again in {Seconds} s")]
    public static partial void VerifyFailed(ILogger logger, string reason, double seconds);

    [LoggerMessage(EventId = 28, Level = LogLevel.Debug, Message = "the kernel is as it should be ({What} read, {Milliseconds} ms)")]
    public static partial void Verified(ILogger logger, string what, double milliseconds);

    [LoggerMessage(EventId = 29, Level = LogLevel.Information, Message = "ends; what is in force stays in force")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "{Message}")]
    public static partial void Notice(ILogger logger, string message);

    [LoggerMessage(EventId = 31, Level = LogLevel.Warning, Message =
        "the kernel does not tell when the policy's files change; they are looked at every {Seconds} s")]
    public static partial void NoWatch(ILogger logger, double seconds);

    [LoggerMessage(EventId = 32, Level = LogLevel.Information, Message = "reads the policy again: {Why}")]
    public static partial void Reloading(ILogger logger, string why);

    /// <summary>Tells what was said of a policy file.</summary>
    public static void Diagnose(ILogger logger, PolicyDiagnostic diagnostic)
    {
        LogLevel level = diagnostic.Severity switch
        {
            DiagnosticSeverity.Error => LogLevel.Error,
            DiagnosticSeverity.Warning => LogLevel.Warning,
            _ => LogLevel.Debug,
        };
        Diagnostic(logger, level, diagnostic);
    }

    [LoggerMessage(EventId = 33, Message = "{Diagnostic}")]
    private static partial void Diagnostic(ILogger logger, LogLevel level, PolicyDiagnostic diagnostic);
}

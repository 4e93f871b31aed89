using System.Globalization;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Output;

/// <summary>How an event is logged: one line each.</summary>
internal enum LogFormat
{
    /// <summary>For people: <c>warn: isolation-netlinkd[25] …</c>.</summary>
    Console,

    /// <summary>For programs: a JSON object with the event's properties.</summary>
    Json,

    /// <summary>For systemd's journal: the level as a number in angle brackets (sd-daemon(3)), the rest the journal knows.</summary>
    Journald,
}

/// <summary>The names of the formats.</summary>
internal static class LogFormats
{
    /// <summary>The format of a name; null when there is none.</summary>
    public static LogFormat? Parse(string name) => name switch
    {
        "console" => LogFormat.Console,
        "json" => LogFormat.Json,
        "journald" => LogFormat.Journald,
        _ => null,
    };

    /// <summary>The format for who did not choose: the journal's when standard error is the journal, as systemd says by device and inode.</summary>
    public static unsafe LogFormat Default(string? journalStream, int descriptor = 2)
    {
        stat status;
        return journalStream is not null && fstat(descriptor, &status) == 0
            && journalStream == string.Create(CultureInfo.InvariantCulture, $"{(ulong)status.st_dev}:{(ulong)status.st_ino}")
            ? LogFormat.Journald
            : LogFormat.Console;
    }
}

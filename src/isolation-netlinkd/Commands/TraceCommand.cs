using System.Diagnostics;
using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>trace SRC DST</c>.</summary>
internal static class TraceCommand
{
    public static int Run(CommandContext context, string source, string destination, bool replies, TimeSpan time, TimeSpan lockWait)
    {
        (Prefix from, Prefix to) = ReadPair(source, destination);
        TracedPair[] pairs = replies && from != to ? [new(from, to), new(to, from)] : [new(from, to)];
        using XtablesLock heldLock = XtablesLock.Acquire(lockWait);
        Leftovers.Settle(context, heldLock);
        using var stop = new StopSignals();
        using RunningTrace trace = RunningTrace.Begin(pairs, heldLock);
        long start = Stopwatch.GetTimestamp();
        heldLock.Dispose();

        // To place the rules may have bound a logger.
        var report = new TraceReport(pairs, BoundLogger.Of(from.Family));
        report.WriteGuide(context.TellPlainly, time);
        if (report.Warning is { } warning)
        {
            context.Tell(warning);
        }

        stop.Wait(time - Stopwatch.GetElapsedTime(start));
        report = report with { Pairs = trace.End(lockWait) };
        context.WriteResult(report.WriteJson, report.WriteText);
        return ExitCode.Done;
    }

    private static (Prefix From, Prefix To) ReadPair(string source, string destination)
    {
        var mistakes = new List<string>();
        Prefix from = Read("SRC", source);
        Prefix to = Read("DST", destination);
        if (mistakes.Count == 0 && from.Family != to.Family)
        {
            mistakes.Add($"SRC is {FamilyText.Name(from.Family)} and DST is {FamilyText.Name(to.Family)}, and no packet has both; "
                + "give two of one family");
        }

        return mistakes.Count == 0 ? (from, to) : throw new UsageException(mistakes);

        Prefix Read(string what, string text)
        {
            if (!PrefixParser.TryParse(text, out Prefix prefix, out string? error))
            {
                mistakes.Add($"{what}: {error}");
            }

            return prefix;
        }
    }
}

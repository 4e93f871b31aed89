using System.Collections.Immutable;
using System.Diagnostics;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Destroys sets; those that someone's dump pins again and again until one deadline for all.</summary>
internal sealed partial class SetRemover(IpsetClient ipset, ILogger logger, TimeSpan patience)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly ILogger _logger = logger;

    /// <summary>Tries each set once, and returns those that could not be destroyed, in the same order.</summary>
    public ImmutableArray<string> TryOnce(IEnumerable<string> sets) => [.. sets.Where(set => !TryDestroy(set, out _))];

    /// <summary>Destroys sets, lists before their members, and says of each that stays why it does and what becomes of it.</summary>
    public ImmutableArray<string> Destroy(IEnumerable<string> sets)
    {
        long start = Stopwatch.GetTimestamp();
        List<(string Set, NetlinkException Refusal)> left = [];
        List<string> open = [.. sets];
        while (true)
        {
            left.Clear();
            foreach (string set in open)
            {
                if (!TryDestroy(set, out NetlinkException? refusal))
                {
                    left.Add((set, refusal!));
                }
            }

            open = [.. left.Select(item => item.Set)];
            if (!left.Exists(item => CanRetry(item.Refusal)) || Stopwatch.GetElapsedTime(start) > patience)
            {
                return [.. left.Select(item => $"{item.Refusal.Message}{CauseOf(item)}; nothing of the policy uses it, and the next apply takes it away")];
            }

            Thread.Sleep(s_pause);
        }
    }

    private bool TryDestroy(string set, out NetlinkException? refusal)
    {
        try
        {
            // A set that is gone is what is wanted, also when it is the answer to a first try that was lost.
            ipset.Destroy(set, ignoreMissing: true);
            LogDestroyed(set);
            refusal = null;
            return true;
        }
        catch (NetlinkException e)
        {
            refusal = e;
            return false;
        }
    }

    private static bool CanRetry(NetlinkException refusal) => refusal.CanRetry || refusal is IpsetException { Error: IpsetError.Referenced };

    /// <summary>The kernel's answer is one for rules, lists and dumps; of these it counts only the first two for everyone to see.</summary>
    private string CauseOf((string Set, NetlinkException Refusal) item) =>
        item.Refusal is not IpsetException { Error: IpsetError.Busy } ? ""
        : ipset.GetInfo(item.Set)?.References is > 0 and var references
            ? $" ({references} {(references == 1 ? "reference" : "references")} by rules or lists that are not the project's)"
        : " (a dump of it that somebody began and has not read to its end, such as a stalled ipset list)";

    [LoggerMessage(EventId = 3, Level = LogLevel.Debug, Message = "destroyed {Set}")]
    private partial void LogDestroyed(string set);
}

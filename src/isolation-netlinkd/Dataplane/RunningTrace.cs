using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>
/// Rules that have packets traced, from <see cref="Begin"/> to <see cref="End"/>, or until the process is killed and another comes.
/// </summary>
internal sealed class RunningTrace : IDisposable
{
    private readonly TraceName _name;
    private readonly NetfilterFamily _family;
    private readonly IReadOnlyList<TracedPair> _pairs;

    private RunningTrace(TraceName name, NetfilterFamily family, IReadOnlyList<TracedPair> pairs) =>
        (_name, _family, _pairs) = (name, family, pairs);

    /// <param name="pairs">Sources and destinations, of one family.</param>
    /// <param name="heldLock">The xtables lock, held.</param>
    /// <exception cref="XtablesException">The kernel refused the rules; nothing is left of them.</exception>
    public static RunningTrace Begin(IReadOnlyList<TracedPair> pairs, XtablesLock heldLock)
    {
        NetfilterFamily family = PolicyEntries.ToNetfilter(pairs[0].Source.Family);
        TraceName name = TraceName.Take();
        try
        {
            XtablesTransaction.InsertRules(
                family,
                heldLock,
                TraceRules.Table,
                TraceRules.Chain,
                [.. pairs.Select(pair => TraceRules.Make(name.Text, pair))]);
            return new RunningTrace(name, family, pairs);
        }
        catch
        {
            name.Dispose();
            throw;
        }
    }

    /// <summary>Takes the rules away again.</summary>
    /// <param name="lockWait">How long to wait for the xtables lock.</param>
    /// <returns>The pairs, and how many packets of each were traced.</returns>
    /// <exception cref="InvalidOperationException">The rules are there no longer, or they could not be taken away.</exception>
    public TracedPair[] End(TimeSpan lockWait)
    {
        try
        {
            using XtablesLock heldLock = XtablesLock.Acquire(lockWait);
            IReadOnlyList<XtablesTableRule> removed = XtablesTransaction.RemoveRules(
                _family, heldLock, TraceRules.Table, TraceRules.Chain, rule => TraceRules.TraceOf(rule) == _name.Text);
            return removed.Count == _pairs.Count
                ? [.. _pairs.Select((pair, i) => pair with { Counters = removed[i].Counters })]
                : throw new InvalidOperationException(
                    "someone took rules of the trace out of the table raw while it ran; how many packets were traced is not known");
        }
        catch (XtablesException e)
        {
            throw new InvalidOperationException(
                $"{e.Message}. The trace's rules stay in the table raw until isolation-netlinkd runs again, as isolation-netlinkd show, say", e);
        }
    }

    /// <summary>Gives the rules up: what is left of them is anyone's to take away.</summary>
    public void Dispose() => _name.Dispose();
}

using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Rules that have packets traced, from <see cref="Begin"/> to <see cref="End"/>, or until the process is killed and another comes.</summary>
internal sealed class RunningTrace : IDisposable
{
    private readonly TraceName _name;
    private readonly NetfilterFamily _family;
    private readonly int _rules;

    private RunningTrace(TraceName name, NetfilterFamily family, int rules) => (_name, _family, _rules) = (name, family, rules);

    /// <param name="pairs">Sources and destinations, of one family.</param>
    /// <param name="heldLock">The xtables lock, held.</param>
    /// <exception cref="XtablesException">The kernel refused the rules; nothing is left of them.</exception>
    public static RunningTrace Begin(IReadOnlyList<(Prefix Source, Prefix Destination)> pairs, XtablesLock heldLock)
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
                [.. pairs.Select(pair => TraceRules.Make(name.Text, pair.Source, pair.Destination))]);
            return new RunningTrace(name, family, pairs.Count);
        }
        catch
        {
            name.Dispose();
            throw;
        }
    }

    /// <summary>Takes the rules away again.</summary>
    /// <param name="lockWait">How long to wait for the xtables lock.</param>
    /// <returns>The counters of each pair's rule.</returns>
    /// <exception cref="InvalidOperationException">The rules are there no longer, or they could not be taken away.</exception>
    public XtablesCounters[] End(TimeSpan lockWait)
    {
        try
        {
            using XtablesLock heldLock = XtablesLock.Acquire(lockWait);
            IReadOnlyList<XtablesTableRule> removed = XtablesTransaction.RemoveRules(
                _family, heldLock, TraceRules.Table, TraceRules.Chain, rule => TraceRules.TraceOf(rule) == _name.Text);
            return removed.Count == _rules
                ? [.. removed.Select(rule => rule.Counters)]
                : throw new InvalidOperationException(
                    "someone took rules of the trace out of the table raw while it ran; how many packets were traced is not known");
        }
        catch (XtablesException e)
        {
            throw new InvalidOperationException(
                $"{e.Message}. The trace's rules stay in the table raw until isolation-netlinkd runs again, such as by isolation-netlinkd show", e);
        }
    }

    /// <summary>Gives the rules up: what is left of them is anyone's to take away.</summary>
    public void Dispose() => _name.Dispose();
}

using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>A source and a destination, of one family, whose packets are traced.</summary>
internal sealed record TracedPair(Prefix Source, Prefix Destination)
{
    /// <summary>How many packets were traced, and how long they were.</summary>
    public XtablesCounters Counters { get; init; }
}

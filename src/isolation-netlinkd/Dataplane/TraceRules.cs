using System.Net;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>The rules of traces: where they stand, and whose they are, which their comments say.</summary>
internal static class TraceRules
{
    public const string Table = "raw";
    public const string Chain = "PREROUTING";

    private const string CommentStart = "dcos-isolation trace ";

    public static XtablesRule Make(string trace, TracedPair pair) => new()
    {
        Source = ToNetwork(pair.Source),
        Destination = ToNetwork(pair.Destination),
        Matches = [new CommentMatch(CommentStart + trace)],
        Target = new TraceTarget(),
    };

    /// <summary>The name of the trace that the rule belongs to, or null if it is no trace's.</summary>
    public static string? TraceOf(XtablesTableRule rule) =>
        rule.Rule is { Target: TraceTarget, Matches: [CommentMatch { Comment: var comment }] }
            && comment.StartsWith(CommentStart, StringComparison.Ordinal)
            ? comment[CommentStart.Length..]
            : null;

    private static IPNetwork ToNetwork(Prefix prefix) => new(prefix.Address, prefix.Length);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using SetMatch = DcosIsolation.Policy.SetMatch;
using XtablesSetMatch = DcosIsolation.Netlink.Xtables.SetMatch;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>
/// Turns the policy's rules into xtables rules and back: set names become the kernel's indexes, and the comment of a chain's last rule
/// carries the time of its making. Reading is strict: a rule that the project would not write is none of its rules.
/// </summary>
internal sealed class RuleTranslator(IReadOnlyDictionary<string, ushort> indexes)
{
    private const string AppliedAt = " applied ";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private readonly Dictionary<ushort, string> _names = indexes.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The name of the project's set with an index; null for any other set.</summary>
    public string? NameOf(ushort index) => _names.GetValueOrDefault(index);

    /// <summary>The xtables rule for a rule with the kernel's set names.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="appliedAt">The time to put behind a comment that names the policy.</param>
    /// <exception cref="InvalidOperationException">A set that the rule refers to is not in the kernel.</exception>
    public XtablesRule ToXtables(Rule rule, DateTimeOffset appliedAt)
    {
        var matches = ImmutableArray.CreateBuilder<XtablesMatch>();
        if (!rule.Ports.IsEmpty)
        {
            matches.Add(ToPortMatch(rule.Ports));
        }

        if (!rule.SourcePorts.IsEmpty)
        {
            matches.Add(new MultiportMatch(ToRanges(rule.SourcePorts)) { Direction = PortDirection.Source });
        }

        foreach (SetMatch match in rule.Sets)
        {
            matches.Add(ToXtables(match));
        }

        if (rule.RelatedOrEstablished)
        {
            matches.Add(new ConntrackStateMatch(ConntrackStates.Related | ConntrackStates.Established));
        }

        if (rule.Comment is { } comment)
        {
            string time = appliedAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
            matches.Add(new CommentMatch(RuleComment.NamesPolicy(comment) ? comment + AppliedAt + time : comment));
        }

        if (rule.Log is { } log)
        {
            matches.Add(new LimitMatch(log.Limit.Interval));
        }

        return new XtablesRule
        {
            Source = ToNetwork(rule.Source),
            Destination = ToNetwork(rule.Destination),
            Protocol = (byte)(rule.Protocol ?? 0),
            Matches = matches.ToImmutable(),
            Target = rule.Target switch
            {
                RuleTarget.Return => new VerdictTarget(XtablesVerdict.Return),
                RuleTarget.Drop => new VerdictTarget(XtablesVerdict.Drop),
                RuleTarget.Reject => new RejectTarget(),
                RuleTarget.Accept => new VerdictTarget(XtablesVerdict.Accept),
                RuleTarget.Log => ToTarget(rule.Log!),
                _ => new JumpTarget(KernelNames.Chain),
            },
        };
    }

    /// <summary>The match of a rule.</summary>
    /// <exception cref="InvalidOperationException">The set is not in the kernel.</exception>
    public XtablesMatch ToXtables(SetMatch match) => new XtablesSetMatch(IndexOf(match.Set), ToXtables(match.Directions), match.Negated);

    /// <summary>The policy's match for one in the kernel, or null when the set is none of the project's, or asked as it would not.</summary>
    public SetMatch? FromXtables(XtablesSetMatch match) =>
        _names.TryGetValue(match.Index, out string? name) && FromXtables(match.Directions) is { } directions
            ? new SetMatch(name, directions, match.Negated)
            : null;

    /// <summary>The policy's rule for a rule in the kernel, or null when the project would not write such a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="appliedAt">The time that its comment gives, if it does.</param>
    public Rule? FromXtables(XtablesRule rule, out DateTimeOffset? appliedAt)
    {
        appliedAt = null;
        RuleTarget? target = rule.Target switch
        {
            VerdictTarget { Verdict: XtablesVerdict.Return } => RuleTarget.Return,
            VerdictTarget { Verdict: XtablesVerdict.Drop } => RuleTarget.Drop,
            // A rule that asks sets and accepts could not be told from one that lets pass when the sets change.
            VerdictTarget { Verdict: XtablesVerdict.Accept } when !rule.Matches.Any(match => match is XtablesSetMatch) => RuleTarget.Accept,
            RejectTarget => RuleTarget.Reject,
            LogTarget or NflogTarget => RuleTarget.Log,
            JumpTarget { Chain: KernelNames.Chain } => RuleTarget.JumpToIsolation,
            _ => null,
        };
        var sets = ImmutableArray.CreateBuilder<SetMatch>();
        ImmutableArray<Service> ports = [];
        ImmutableArray<Service> sourcePorts = [];
        DeniedLog? log = null;
        bool established = false;
        string? comment = null;
        foreach (XtablesMatch match in rule.Matches)
        {
            switch (match)
            {
                case XtablesSetMatch set when FromXtables(set) is { } found:
                    sets.Add(found);
                    break;
                case ConntrackStateMatch { States: ConntrackStates.Related | ConntrackStates.Established, Negated: false }:
                    established = true;
                    break;
                case CommentMatch { Comment: var text }:
                    comment = SplitTime(text, out appliedAt);
                    break;
                case MultiportMatch { Negated: false, Direction: PortDirection.Destination } multiport:
                    ports = ToServices(multiport, rule.Protocol);
                    break;
                case MultiportMatch { Negated: false, Direction: PortDirection.Source } multiport:
                    sourcePorts = ToServices(multiport, rule.Protocol);
                    break;
                case LimitMatch { Average: var average } when PacketRate.OfInterval(average) is { } limit:
                    log = ToLog(rule.Target, limit);
                    break;
                case IcmpMatch icmp:
                    ports = [new Service((Protocol)rule.Protocol, 0, 0, icmp.Type, icmp.Code)];
                    break;
                default:
                    return null;
            }
        }

        if (target is null
            || (target == RuleTarget.Log) != (log is not null)
            || (rule.Protocol != 0 && !Enum.IsDefined((Protocol)rule.Protocol)))
        {
            return null;
        }

        var result = new Rule
        {
            Source = FromNetwork(rule.Source),
            Destination = FromNetwork(rule.Destination),
            Protocol = rule.Protocol == 0 ? null : (Protocol)rule.Protocol,
            Ports = ports,
            SourcePorts = sourcePorts,
            Sets = sets.ToImmutable(),
            RelatedOrEstablished = established,
            Comment = comment,
            Target = target.Value,
            Log = log,
        };

        // The order of matches, say, is lost in the policy's form: what would be written differently is not the project's.
        return ToXtables(result, appliedAt ?? default).Equals(rule) ? result : null;
    }

    private ushort IndexOf(string set) => indexes.TryGetValue(set, out ushort index)
        ? index
        : throw new InvalidOperationException($"the set {set} that a rule needs is not in the kernel");

    private static XtablesMatch ToPortMatch(ImmutableArray<Service> ports) => ports[0].IsIcmp
        ? new IcmpMatch(ports[0].IcmpType ?? throw new InvalidOperationException("an ICMP match has a type"), ports[0].IcmpCode)
        : new MultiportMatch(ToRanges(ports));

    private static ImmutableArray<PortRange> ToRanges(ImmutableArray<Service> ports) =>
        [.. ports.Select(port => new PortRange(port.FirstPort, port.LastPort))];

    private static ImmutableArray<Service> ToServices(MultiportMatch match, byte protocol) =>
        [.. match.Ports.Select(range => new Service((Protocol)protocol, range.First, range.Last))];

    private static XtablesTarget ToTarget(DeniedLog log) =>
        log.NflogGroup is { } group ? new NflogTarget(group, log.Prefix) : new LogTarget(log.Prefix);

    private static DeniedLog? ToLog(XtablesTarget target, PacketRate limit) => target switch
    {
        LogTarget known => new DeniedLog(known.Prefix, limit, null),
        NflogTarget known => new DeniedLog(known.Prefix, limit, known.Group),
        _ => null,
    };

    private static Netlink.Xtables.SetDirections ToXtables(Policy.SetDirections directions) => directions switch
    {
        Policy.SetDirections.Source => Netlink.Xtables.SetDirections.Source,
        Policy.SetDirections.Destination => Netlink.Xtables.SetDirections.Destination,
        Policy.SetDirections.SourceDestination => Netlink.Xtables.SetDirections.SourceDestination,
        _ => Netlink.Xtables.SetDirections.SourceDestinationDestination,
    };

    private static Policy.SetDirections? FromXtables(Netlink.Xtables.SetDirections directions)
    {
        foreach (Policy.SetDirections known in Enum.GetValues<Policy.SetDirections>())
        {
            if (ToXtables(known) == directions)
            {
                return known;
            }
        }

        return null;
    }

    private static IPNetwork? ToNetwork(Prefix? prefix) => prefix is { } given ? new IPNetwork(given.Address, given.Length) : null;

    private static Prefix? FromNetwork(IPNetwork? network) => network is { } given ? Prefix.From(given.BaseAddress, given.PrefixLength) : null;

    private static string SplitTime(string comment, out DateTimeOffset? appliedAt)
    {
        int at = comment.IndexOf(AppliedAt, StringComparison.Ordinal);
        if (at >= 0 && RuleComment.NamesPolicy(comment)
            && DateTimeOffset.TryParseExact(
                comment[(at + AppliedAt.Length)..], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            appliedAt = time;
            return comment[..at];
        }

        appliedAt = null;
        return comment;
    }
}

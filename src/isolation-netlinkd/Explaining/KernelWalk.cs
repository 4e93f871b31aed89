using System.Net;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using SetMatch = DcosIsolation.Netlink.Xtables.SetMatch;

namespace DcosIsolation.Daemon.Explaining;

/// <summary>
/// Walks the rules in force as the kernel would with the first packet of a connection: what a rule asks of the packet itself is judged here,
/// what it asks of sets is asked of the kernel.
/// </summary>
/// <param name="filter">The rules.</param>
/// <param name="sets">The sets.</param>
/// <param name="keepsSteps">Whether every rule that is met is told.</param>
internal sealed class KernelWalk(KernelFilter filter, SetTester sets, bool keepsSteps)
{
    private readonly List<KernelStep> _steps = [];
    private readonly List<KernelRule> _mayDecide = [];

    /// <summary>Asks what becomes of a packet.</summary>
    /// <exception cref="Netlink.Ipset.IpsetException">A set could not be asked.</exception>
    public KernelRuling Ask(Question question)
    {
        _steps.Clear();
        _mayDecide.Clear();
        if (!filter.IsInForce)
        {
            return End(RulingVerdict.NotJudged, null, filter.HasChain
                ? $"the chain {KernelNames.Chain} is not in force: no rule of FORWARD jumps to it"
                : $"the chain {KernelNames.Chain} is not in force: there is none");
        }

        foreach (KernelRule jump in filter.Jumps)
        {
            Answer enters = Match(jump, question);
            if (enters == Answer.Maybe)
            {
                _mayDecide.Add(jump);
            }

            if (enters != Answer.No)
            {
                return WalkChain(question);
            }
        }

        return End(RulingVerdict.NotJudged, null, "the jump to the chain does not match");
    }

    private KernelRuling WalkChain(Question question)
    {
        foreach (KernelRule rule in filter.Chain)
        {
            RulingVerdict? verdict = VerdictOf(rule);
            if (verdict is null && !keepsSteps)
            {
                continue;
            }

            Answer matched = Match(rule, question);
            if (verdict is null || matched == Answer.No)
            {
                continue;
            }

            if (matched == Answer.Maybe || verdict == RulingVerdict.Unknown)
            {
                _mayDecide.Add(rule);
            }
            else
            {
                return End(verdict.Value, rule, null);
            }
        }

        return End(RulingVerdict.Passes, null, $"the end of {KernelNames.Chain}");
    }

    private KernelRuling End(RulingVerdict verdict, KernelRule? decider, string? why) =>
        new(verdict, decider, why, [.. _mayDecide]) { Steps = [.. _steps] };

    /// <summary>What the rule does with packets that it matches; null where the next rule is asked.</summary>
    private static RulingVerdict? VerdictOf(KernelRule rule) => rule.Rule?.Target switch
    {
        null => rule.MayDecide ? RulingVerdict.Unknown : null,
        VerdictTarget { Verdict: XtablesVerdict.Accept } => RulingVerdict.Accepted,
        VerdictTarget { Verdict: XtablesVerdict.Drop } => RulingVerdict.Dropped,
        VerdictTarget => RulingVerdict.Passes,
        RejectTarget => RulingVerdict.Rejected,
        LogTarget or NflogTarget => null,
        _ => RulingVerdict.Unknown,
    };

    private Answer Match(KernelRule rule, Question question)
    {
        // Sets are asked of what would match otherwise.
        Answer ofPacket = rule.Rule is { } known ? Match(known, question) : Answer.Maybe;
        List<AskedSet>? asked = keepsSteps ? [] : null;
        Answer matched = ofPacket == Answer.No ? Answer.No : Both(ofPacket, AskSets(rule, question, asked));
        if (keepsSteps)
        {
            _steps.Add(new KernelStep(rule, matched, asked!));
        }

        return matched;
    }

    /// <summary>Asks the sets of a rule until one says no.</summary>
    private Answer AskSets(KernelRule rule, Question question, List<AskedSet>? asked)
    {
        Answer all = Answer.Yes;
        foreach (SetMatch match in rule.Sets)
        {
            Answer one = sets.Test(match, question);
            asked?.Add(new AskedSet($"{(match.Negated ? "! " : "")}{sets.NameOf(match.Index)} {match.Directions}", one));
            all = Both(all, one);
            if (all == Answer.No)
            {
                break;
            }
        }

        return all;
    }

    private static Answer Match(XtablesRule rule, Question question)
    {
        Answer all = Of(
            Holds(rule.Source, question.Source)
            && Holds(rule.Destination, question.Destination)
            && (rule.Protocol == 0 || rule.Protocol == question.Carried.Protocol));
        foreach (XtablesMatch match in rule.Matches)
        {
            all = match is SetMatch ? all : Both(all, Match(match, question));
        }

        return all;
    }

    private static Answer Match(XtablesMatch match, Question question) => match switch
    {
        CommentMatch => Answer.Yes,
        ConntrackStateMatch { States: var states, Negated: var negated } => MatchState(states, negated),
        IcmpMatch icmp => Of(
            (icmp.Type == byte.MaxValue && question.Family == Family.Inet)
            || (icmp.Type == question.Carried.Port >> 8 && (icmp.Code is null || icmp.Code == (byte)question.Carried.Port))),
        MultiportMatch { Direction: PortDirection.Destination } ports => Of(Holds(ports, question.Carried.Port) != ports.Negated),
        _ => Answer.Maybe,
    };

    /// <summary>Whether a packet whose connection is NEW matches; nobody knows here whether its addresses will be translated.</summary>
    private static Answer MatchState(ConntrackStates states, bool negated) =>
        states.HasFlag(ConntrackStates.New) ? Of(!negated)
        : (states & (ConntrackStates.SourceNat | ConntrackStates.DestinationNat)) != 0 ? Answer.Maybe
        : Of(negated);

    private static bool Holds(MultiportMatch match, ushort port)
    {
        foreach (PortRange range in match.Ports)
        {
            if (range.First <= port && port <= range.Last)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Holds(IPNetwork? network, UInt128 address) =>
        network is not { } given || Prefix.From(given.BaseAddress, given.PrefixLength).Contains(address);

    private static Answer Both(Answer one, Answer other) =>
        one == Answer.No || other == Answer.No ? Answer.No
        : one == Answer.Maybe || other == Answer.Maybe ? Answer.Maybe
        : Answer.Yes;

    private static Answer Of(bool value) => value ? Answer.Yes : Answer.No;
}

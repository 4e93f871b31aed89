using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>What of a policy says something about packets, in the order in which it is asked.</summary>
public enum StatementKind
{
    /// <summary>An item of <c>failsafe</c>.</summary>
    Failsafe,

    /// <summary>An item of <c>exceptions</c>.</summary>
    Exception,

    /// <summary>An item of <c>rules.first</c>.</summary>
    FirstRule,

    /// <summary>A clause of <c>deny</c>.</summary>
    Deny,

    /// <summary>A network's <c>internal: deny</c>.</summary>
    InternalDeny,

    /// <summary>A network's <c>internal: allow</c>, written or not.</summary>
    InternalAllow,

    /// <summary>A clause of <c>allow</c>.</summary>
    Allow,

    /// <summary>An item of <c>rules.last</c>.</summary>
    LastRule,

    /// <summary><c>default</c>, written or not.</summary>
    Default,
}

/// <summary>One thing that a policy says about packets, and where. Immutable.</summary>
public sealed class Statement
{
    private readonly object? _said;

    private Statement(StatementKind kind, RulingVerdict verdict, SourceLocation? location, object? said) =>
        (Kind, Verdict, Location, _said) = (kind, verdict, location, said);

    /// <summary>What it is.</summary>
    public StatementKind Kind { get; }

    /// <summary>What it says of the packets that it fits; of an operator's rule, which may say anything, <see cref="RulingVerdict.Unknown"/>.</summary>
    public RulingVerdict Verdict { get; }

    /// <summary>Where the policy says it; null for a default that is not written.</summary>
    public SourceLocation? Location { get; }

    /// <summary>The statement in one line: <c>deny from hr to it ports 22/tcp</c>.</summary>
    public string Text => _said switch
    {
        FailsafeItem item => $"failsafe {CanonicalPolicy.Text(item)}",
        ExceptionPair pair => $"exception {CanonicalPolicy.Text(pair)}",
        Clause clause => $"{(Kind == StatementKind.Deny ? "deny" : "allow")} {CanonicalPolicy.Text(clause)}",
        Network network => $"network {network.Name} internal: {(network.InternalAllowed ? "allow" : "deny")}",
        RuleText rule => $"{(Kind == StatementKind.FirstRule ? "rules.first" : "rules.last")}: {rule}",
        _ => $"default: {(Verdict == RulingVerdict.Passes ? "accept" : "deny")}",
    };

    internal Network? Network => _said as Network;

    internal ExceptionPair? Exception => _said as ExceptionPair;

    internal Clause? Clause => _said as Clause;

    internal FailsafeItem? FailsafeItem => _said as FailsafeItem;

    internal RuleText? Rule => _said as RuleText;

    /// <summary>The services that it is about; none means every protocol.</summary>
    internal ImmutableArray<Service> Services => Clause?.Services ?? FailsafeItem?.Services ?? [];

    /// <summary>What a policy says about packets of a family, in the order in which it is asked.</summary>
    internal static List<Statement> Of(IsolationPolicy policy, Family family)
    {
        RulingVerdict refused = policy.DenyWith == DenyMode.Drop ? RulingVerdict.Dropped : RulingVerdict.Rejected;
        List<Statement> all = [];
        foreach (FailsafeItem item in policy.Failsafe)
        {
            all.Add(new Statement(StatementKind.Failsafe, RulingVerdict.Accepted, item.Location, item));
        }

        foreach (ExceptionPair pair in policy.Exceptions)
        {
            all.Add(new Statement(StatementKind.Exception, RulingVerdict.NotJudged, pair.Location, pair));
        }

        AddRules(StatementKind.FirstRule, policy.Rules.First);
        foreach (Clause clause in policy.Deny)
        {
            all.Add(new Statement(StatementKind.Deny, refused, clause.Location, clause));
        }

        AddInternal(StatementKind.InternalDeny, refused, isAllowed: false);
        AddInternal(StatementKind.InternalAllow, RulingVerdict.Passes, isAllowed: true);
        foreach (Clause clause in policy.Allow)
        {
            all.Add(new Statement(StatementKind.Allow, RulingVerdict.Passes, clause.Location, clause));
        }

        AddRules(StatementKind.LastRule, policy.Rules.Last);
        RulingVerdict otherwise = policy.Default == DefaultVerdict.Accept ? RulingVerdict.Passes : refused;
        all.Add(new Statement(StatementKind.Default, otherwise, policy.DefaultLocation, null));
        return all;

        void AddRules(StatementKind kind, ImmutableArray<OperatorRule> rules)
        {
            foreach (OperatorRule item in rules)
            {
                if (item.Of(family) is { } text && OperatorVerdicts.MayDecide(text.Words))
                {
                    all.Add(new Statement(kind, RulingVerdict.Unknown, text.Location, text));
                }
            }
        }

        void AddInternal(StatementKind kind, RulingVerdict verdict, bool isAllowed)
        {
            foreach (Network network in policy.Networks)
            {
                if (network.InternalAllowed == isAllowed)
                {
                    all.Add(new Statement(kind, verdict, network.Location, network));
                }
            }
        }
    }
}

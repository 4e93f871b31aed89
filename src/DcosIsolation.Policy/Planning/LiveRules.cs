namespace DcosIsolation.Policy;

/// <summary>What a family's rules in force ask of the sets, as far as it matters to sets that change under them.</summary>
internal sealed class LiveRules(LiveFamily found, LiveSets sets)
{
    /// <summary>The kernel names of the family's sets in force.</summary>
    public IReadOnlySet<string> InForce { get; } = sets.InForce(found);

    /// <summary>Whether packets come to the chain at all.</summary>
    public bool IsInForce => found is { HasChain: true, Jumps.IsEmpty: false };

    /// <summary>The kernel name of the set that tells whether an address is in any network. Only of rules that are not foreign.</summary>
    public string Overlays => Jump.Sets[0].Set;

    private Rule Jump => found.Jumps[0].Rule.Rule!;

    private IEnumerable<Rule> Chain => found.Chain.Select(rule => rule.Rule!);

    private Rule Last => found.Chain[^1].Rule!;

    /// <summary>Why operators' rules stand in the way of changing what sets in force hold, or null: nobody knows what they ask for.</summary>
    public string? WhyText(FamilyState wanted)
    {
        foreach (Rule rule in found.Chain.Select(live => live.Rule).OfType<Rule>().Concat(wanted.Chain))
        {
            foreach (SetMatch match in rule.Sets)
            {
                if (rule.Target == RuleTarget.Text || match.Negated)
                {
                    return $"a rule of the operator's asks {KernelNames.LogicalOf(match.Set)}";
                }
            }
        }

        return null;
    }

    /// <summary>Why the rules are not such as the project writes, or null.</summary>
    public string? WhyForeign()
    {
        bool isOurs = found.Jumps is [{ Position: 0, Rule.Rule: not null }]
            && found.Chain is [.., { Rule: not null }]
            && found.Chain.All(rule => rule.Rule is { } known && known.Target != RuleTarget.JumpToIsolation && !known.Sets.Any(IsNegated))
            && RuleComment.NamesPolicy(Last.Comment)
            && Jump.Sets is [{ Directions: SetDirections.Source } source, { Directions: SetDirections.Destination } destination, ..]
            && source.Set == destination.Set
            && sets.Ours.ContainsKey(source.Set)
            && !IsNegated(source)
            && !IsNegated(destination)
            && Jump.Sets.Skip(2).All(IsExceptions);
        return !isOurs ? "the rules in force are not such as this program writes"
            : InForce.DistinctBy(KernelNames.LogicalOf).Count() < InForce.Count ? "two generations of one set are in force"
            : null;
    }

    /// <summary>Whether the desired rules mean what those in force mean.</summary>
    public bool MeanTheSameAs(FamilyState wanted) =>
        Jump.Meaning == wanted.Jump.Meaning && Chain.Select(rule => rule.Meaning).SequenceEqual(wanted.Chain.Select(rule => rule.Meaning));

    /// <summary>How many matches of the rules ask the set itself.</summary>
    public int TimesAsked(string kernelName) => sets.ReferencesFromRules(kernelName);

    /// <summary>Whether packets ask the set through a list.</summary>
    public bool IsListed(string kernelName) => sets.MembersOf(sets.Ours[Overlays]).Contains(kernelName, StringComparer.Ordinal);

    /// <summary>Why no network's set can be changed in place, or null.</summary>
    public string? WhyNotInPlace(FamilyState wanted) => wanted.Jump.Sets[0].Set == KernelNames.LogicalOf(Overlays)
        ? null
        : $"the jump asks {wanted.Jump.Sets[0].Set} from now on";

    /// <summary>
    /// Why a packet could get a wrong verdict whose address leaves or joins a set in the middle of the chain, or null: when a rule no longer
    /// lets it pass because of that, no rule behind may refuse it but the last, which asks for the overlays again.
    /// </summary>
    public string? WhyUnguarded(FamilyState wanted, string kernelName)
    {
        if (!IsGuarded(Last, Overlays))
        {
            return "the last rule in force refuses without asking for the overlays again";
        }

        if (!IsGuarded(wanted.Chain[^1], wanted.Jump.Sets[0].Set))
        {
            return "the last rule refuses without asking for the overlays again";
        }

        bool isAsked = false;
        foreach (Rule rule in Chain.SkipLast(1))
        {
            if (isAsked && rule.Target is RuleTarget.Reject or RuleTarget.Drop or RuleTarget.Text)
            {
                string refuses = rule.Target == RuleTarget.Text ? "may refuse" : "refuses";
                return $"a rule that {refuses} comes behind one that lets pass what is in {KernelNames.LogicalOf(kernelName)}";
            }

            isAsked |= rule.Target == RuleTarget.Return && rule.Sets.Any(match => match.Set == kernelName || match.Set == Overlays);
        }

        return null;
    }

    private static bool IsGuarded(Rule last, string overlays) =>
        last.Target == RuleTarget.Return
        || (last.Sets.Contains(new SetMatch(overlays, SetDirections.Source))
            && last.Sets.Contains(new SetMatch(overlays, SetDirections.Destination)));

    private static bool IsNegated(SetMatch match) => match.Negated;

    private bool IsExceptions(SetMatch match) =>
        match is { Negated: true, Directions: SetDirections.SourceDestination }
        && KernelNames.LogicalOf(match.Set) == KernelNames.Exceptions(found.Family);
}

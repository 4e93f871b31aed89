using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Compiles the operator's rules for one family.</summary>
/// <param name="family">The family.</param>
/// <param name="setOf">The logical name of a network's set, or null if the network has no prefix in the family.</param>
internal sealed class OperatorRuleCompiler(Family family, Func<string, string?> setOf)
{
    public void Compile(ImmutableArray<OperatorRule> rules, ImmutableArray<Rule>.Builder chain)
    {
        foreach (OperatorRule item in rules)
        {
            if (item.Of(family) is { } text && Matches(text) is { } sets)
            {
                chain.Add(new Rule { Sets = sets, Text = text.Words, Target = RuleTarget.Text, Location = text.Location });
            }
        }
    }

    /// <summary>The rule's matches against sets; null if no packet of the family can be in a network that the rule asks for.</summary>
    private ImmutableArray<SetMatch>? Matches(RuleText text)
    {
        var matches = ImmutableArray.CreateBuilder<SetMatch>();
        foreach (NetworkMatch match in text.Networks)
        {
            if (setOf(match.Network) is { } set)
            {
                matches.Add(new SetMatch(set, match.IsSource ? SetDirections.Source : SetDirections.Destination, match.Negated));
            }
            else if (!match.Negated)
            {
                return null;
            }
        }

        return matches.ToImmutable();
    }
}

using System.Collections.Immutable;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using SetMatch = DcosIsolation.Policy.SetMatch;
using XtablesSetMatch = DcosIsolation.Netlink.Xtables.SetMatch;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>
/// Rules of one family that are text: compiled to what the kernel takes and rendered again by iptables' extensions, both for what is desired
/// and for what is in force, so that the two can be compared.
/// </summary>
internal sealed class RuleTexts
{
    private static readonly RuleTranslator s_withoutSets = new(new Dictionary<string, ushort>());

    private readonly XtablesRuleParser _parser;
    private string _target = "";

    /// <param name="family">The family.</param>
    /// <param name="table">The table, to whose chains rules can jump.</param>
    public RuleTexts(Family family, XtablesTable table) =>
        _parser = new XtablesRuleParser(PolicyEntries.ToNetfilter(family), TableReader.Table)
        {
            IsChain = name =>
            {
                _target = name;
                return table.HasChain(name) && !table.IsBuiltin(name);
            },
        };

    /// <summary>Why the rule at hand was refused.</summary>
    public string Explain(XtablesRuleException refusal) => MissingTarget.IsReason(refusal)
        ? $"'{_target}' is neither a target that is installed here nor a chain of the table{MissingTarget.Hint(_target)}"
        : refusal.Message;

    /// <summary>
    /// A rule as it will be found in the kernel: one of those that the project itself writes where it is such a one, else in the words of
    /// iptables-save. Several where a source or destination is a list.
    /// </summary>
    /// <exception cref="XtablesRuleException">The text is no rule.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables that is understood.</exception>
    public IEnumerable<Rule> Canonical(Rule rule)
    {
        foreach (XtablesEntry entry in _parser.Parse(rule.Text!).Entries)
        {
            yield return Known(entry, rule) ?? WithText(rule.Sets, XtablesRuleFormatter.Format(entry), rule.Location);
        }
    }

    /// <summary>What the kernel takes for a rule in the form that <see cref="Canonical"/> gives it, with the kernel's set names.</summary>
    /// <exception cref="XtablesRuleException">The text is no rule any more: a chain is gone, say.</exception>
    public XtablesEntry ToEntry(Rule rule, RuleTranslator translator) =>
        _parser.Parse(rule.Text!).Entries is [var entry]
            ? entry.WithMatchesFirst([.. rule.Sets.Select(translator.ToXtables)])
            : throw new InvalidOperationException($"the rule '{rule}' is not one rule");

    /// <summary>A rule in the kernel that the project itself would not write, as text; null where no text can be had.</summary>
    public static Rule? FromEntry(XtablesEntry entry, RuleTranslator translator)
    {
        if (XtablesRuleText.WhyUnavailable is not null)
        {
            return null;
        }

        (ImmutableArray<XtablesSetMatch> sets, XtablesEntry rest) = entry.SplitSetMatches(match => translator.FromXtables(match) is not null);
        try
        {
            return WithText([.. sets.Select(match => translator.FromXtables(match)!.Value)], XtablesRuleFormatter.Format(rest), null);
        }
        catch (XtablesException)
        {
            // No extension here prints it; then its names must do.
            return null;
        }
    }

    /// <summary>The rule in the project's own form, if it would be read back as that.</summary>
    private static Rule? Known(XtablesEntry entry, Rule rule)
    {
        // Whichever indexes the sets will have.
        var indexes = new Dictionary<string, ushort>(StringComparer.Ordinal);
        foreach (SetMatch match in rule.Sets)
        {
            indexes.TryAdd(match.Set, (ushort)indexes.Count);
        }

        Rule? known = entry.Rule is { } decoded ? s_withoutSets.FromXtables(decoded, out _)?.WithSets(rule.Sets, rule.Location) : null;
        var translator = new RuleTranslator(indexes);
        return known is not null && !RuleComment.NamesPolicy(known.Comment)
            && known.Equals(translator.FromXtables(translator.ToXtables(known, default), out _))
            ? known
            : null;
    }

    private static Rule WithText(ImmutableArray<SetMatch> sets, string text, SourceLocation? location) =>
        new() { Sets = sets, Text = text, Location = location, Target = RuleTarget.Text };
}

using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>What iptables' extensions say of a policy's rules in text, without the kernel.</summary>
internal static class OperatorRuleChecks
{
    /// <summary>The diagnostics, at the places of the rules.</summary>
    public static IEnumerable<PolicyDiagnostic> Check(IsolationPolicy policy)
    {
        var failures = new RuleFailures(policy);
        var others = new List<PolicyDiagnostic>();
        foreach (Family family in (ReadOnlySpan<Family>)[Family.Inet, Family.Inet6])
        {
            foreach (Rule rule in PolicyCompiler.OperatorRules(policy, family))
            {
                SourceLocation location = rule.Location!.Value;
                if (XtablesRuleText.WhyUnavailable is { } why)
                {
                    return [new(DiagnosticSeverity.Information, location, $"the rules in text are not checked: {why}")];
                }

                if (AsksOwnSet(rule.Text!))
                {
                    others.Add(new(DiagnosticSeverity.Information, location,
                        "the rule names a set that only the kernel knows; it is checked when the policy is applied"));
                }
                else if (Check(family, rule, failures) is { } chain)
                {
                    others.Add(new(DiagnosticSeverity.Warning, location,
                        $"'{chain}' is no target that is installed here; it is taken for a chain, which must exist when the policy is applied"
                        + MissingTarget.Hint(chain)));
                }
            }
        }

        return failures.Diagnostics().Concat(others.Distinct());
    }

    /// <summary>Notes what is wrong with a rule; returns the target that must be a chain, if there is one.</summary>
    private static string? Check(Family family, Rule rule, RuleFailures failures)
    {
        var parser = new XtablesRuleParser(PolicyEntries.ToNetfilter(family), TableReader.Table) { AsksKernel = false };
        try
        {
            parser.Parse(rule.Text!);
            return null;
        }
        catch (XtablesRuleException refusal)
        {
            string? chain = MissingTarget.IsReason(refusal) ? WhereChain(family, rule) : null;
            if (chain is null)
            {
                failures.Add(family, rule, refusal.Message);
            }

            return chain;
        }
    }

    /// <summary>The name of the target if the rule is one as soon as there is a chain of that name.</summary>
    private static string? WhereChain(Family family, Rule rule)
    {
        string? chain = null;
        var parser = new XtablesRuleParser(PolicyEntries.ToNetfilter(family), TableReader.Table)
        {
            AsksKernel = false,
            IsChain = name =>
            {
                chain = name;
                return true;
            },
        };
        try
        {
            parser.Parse(rule.Text!);
            return chain;
        }
        catch (XtablesRuleException)
        {
            return null;
        }
    }

    private static bool AsksOwnSet(string text)
    {
        IReadOnlyList<string> words = XtablesRuleText.Split(text);
        for (int i = 0; i + 1 < words.Count; i++)
        {
            if ((words[i] is "-m" or "--match" && words[i + 1] == "set") || (words[i] is "-j" or "--jump" && words[i + 1] == "SET"))
            {
                return true;
            }
        }

        return false;
    }
}

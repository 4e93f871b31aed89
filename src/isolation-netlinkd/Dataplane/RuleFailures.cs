using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Collects what is wrong with a policy's rules in text: what is wrong in both families is said once.</summary>
internal sealed class RuleFailures(IsolationPolicy policy)
{
    private readonly List<Failure> _all = [];
    private readonly bool _hasBothFamilies = policy.Networks.Any(network => network.Prefixes[0].Family == Family.Inet)
        && policy.Networks.Any(network => network.Prefixes[^1].Family == Family.Inet6);

    public bool Any => _all.Count > 0;

    public void Add(Family family, Rule rule, string message) => _all.Add(new Failure(family, rule.Location!.Value, message));

    /// <summary>The errors, by place.</summary>
    public IEnumerable<PolicyDiagnostic> Diagnostics()
    {
        foreach (Failure failure in _all.OrderBy(failure => failure.Location.Line))
        {
            Family other = failure.Family == Family.Inet ? Family.Inet6 : Family.Inet;
            bool isInBoth = _all.Contains(failure with { Family = other });
            if (!isInBoth || failure.Family == Family.Inet)
            {
                yield return new PolicyDiagnostic(
                    DiagnosticSeverity.Error, failure.Location, isInBoth || !IsForBoth(failure) ? failure.Message : ForOne(failure));
            }
        }
    }

    private static string ForOne(Failure failure) =>
        $"for {(failure.Family == Family.Inet ? "IPv4" : "IPv6")}, {failure.Message}; a rule for one family is {{ipv4: \"…\"}} or {{ipv6: \"…\"}}";

    private bool IsForBoth(Failure failure) => _hasBothFamilies && policy.Rules.First.Concat(policy.Rules.Last)
        .Any(rule => ReferenceEquals(rule.Inet, rule.Inet6) && rule.Inet!.Location == failure.Location);

    private sealed record Failure(Family Family, SourceLocation Location, string Message);
}

using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Collects what is wrong with a policy's rules in text: what is wrong in both families is said once.</summary>
internal sealed class RuleFailures(IsolationPolicy policy)
{
    private readonly List<(Family Family, SourceLocation Location, string Message)> _all = [];

    public bool Any => _all.Count > 0;

    public void Add(Family family, Rule rule, string message) => _all.Add((family, rule.Location!.Value, message));

    /// <summary>The errors.</summary>
    public IEnumerable<PolicyDiagnostic> Diagnostics()
    {
        foreach ((Family family, SourceLocation location, string message) in _all.OrderBy(failure => failure.Location.Line))
        {
            bool isInBoth = _all.Contains((Other(family), location, message));
            if (!isInBoth || family == Family.Inet)
            {
                bool isForBoth = policy.Rules.First.Concat(policy.Rules.Last)
                    .Any(rule => ReferenceEquals(rule.Inet, rule.Inet6) && rule.Inet!.Location == location);
                string name = family == Family.Inet ? "IPv4" : "IPv6";
                string text = isInBoth || !isForBoth ? message : $"for {name}, {message}; a rule for one family is {{ipv4: \"…\"}} or {{ipv6: \"…\"}}";
                yield return new PolicyDiagnostic(DiagnosticSeverity.Error, location, text);
            }
        }
    }

    private static Family Other(Family family) => family == Family.Inet ? Family.Inet6 : Family.Inet;
}

using System.Collections.Immutable;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>iptables' extensions do not take a policy's rules.</summary>
internal sealed class InvalidRulesException(ImmutableArray<PolicyDiagnostic> diagnostics) : Exception("rules in text are not valid")
{
    public ImmutableArray<PolicyDiagnostic> Diagnostics { get; } = diagnostics;
}

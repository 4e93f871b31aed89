using System.Collections.Immutable;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary>The policy cannot be read, or is not valid; its diagnostics have been written to standard error.</summary>
internal sealed class InvalidPolicyException(string message, ImmutableArray<PolicyDiagnostic> diagnostics) : Exception(message)
{
    public ImmutableArray<PolicyDiagnostic> Diagnostics { get; } = diagnostics;
}

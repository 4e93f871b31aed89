using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Collects the diagnostics of one run of the reader.</summary>
internal sealed class DiagnosticBag
{
    private readonly List<PolicyDiagnostic> _diagnostics = [];

    public bool HasErrors { get; private set; }

    public void Error(SourceLocation location, string message)
    {
        HasErrors = true;
        _diagnostics.Add(new PolicyDiagnostic(DiagnosticSeverity.Error, location, message));
    }

    public void Warn(SourceLocation location, string message) =>
        _diagnostics.Add(new PolicyDiagnostic(DiagnosticSeverity.Warning, location, message));

    public void Inform(SourceLocation location, string message) =>
        _diagnostics.Add(new PolicyDiagnostic(DiagnosticSeverity.Information, location, message));

    /// <summary>By location, without repetitions: two networks may name the same subnets file, and its errors are said once.</summary>
    public ImmutableArray<PolicyDiagnostic> Sorted(string policyFile) =>
    [
        .. _diagnostics
            .Distinct()
            .OrderBy(diagnostic => diagnostic.Location.File != policyFile)
            .ThenBy(diagnostic => diagnostic.Location.File, StringComparer.Ordinal)
            .ThenBy(diagnostic => diagnostic.Location.Line)
            .ThenBy(diagnostic => diagnostic.Location.Column)
            .ThenBy(diagnostic => diagnostic.Severity),
    ];
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Collects the diagnostics of one run of the reader.</summary>
internal sealed class DiagnosticBag
{
    /// <summary>How many diagnostics of one severity are told; the rest are counted.</summary>
    public const int MaxTold = 100;

    // Without repetitions: two networks may name the same subnets file, and its errors are said once.
    private readonly HashSet<PolicyDiagnostic> _told = [];
    private readonly int[] _counts = new int[3];
    private readonly SourceLocation[] _firstUntold = new SourceLocation[3];

    public int ErrorCount => _counts[(int)DiagnosticSeverity.Error];

    public bool HasErrors => ErrorCount > 0;

    /// <summary>Whether a further error is only counted, so that no work need go into its message.</summary>
    public bool IsFullOfErrors => ErrorCount >= MaxTold;

    public void Error(SourceLocation location, string message) => Add(DiagnosticSeverity.Error, location, message);

    public void Warn(SourceLocation location, string message) => Add(DiagnosticSeverity.Warning, location, message);

    public void Inform(SourceLocation location, string message) => Add(DiagnosticSeverity.Information, location, message);

    /// <summary>By location; last, how many more there are.</summary>
    public ImmutableArray<PolicyDiagnostic> Sorted(string policyFile) =>
    [
        .. _told
            .OrderBy(diagnostic => diagnostic.Location.File != policyFile)
            .ThenBy(diagnostic => diagnostic.Location.File, StringComparer.Ordinal)
            .ThenBy(diagnostic => diagnostic.Location.Line)
            .ThenBy(diagnostic => diagnostic.Location.Column)
            .ThenBy(diagnostic => diagnostic.Severity),
        .. Enum.GetValues<DiagnosticSeverity>()
            .Where(severity => _counts[(int)severity] > MaxTold)
            .Select(severity => new PolicyDiagnostic(
                severity, _firstUntold[(int)severity], $"… and {_counts[(int)severity] - MaxTold} more; the first of them is here")),
    ];

    private void Add(DiagnosticSeverity severity, SourceLocation location, string message)
    {
        PolicyDiagnostic diagnostic = new(severity, location, message);
        if (_told.Contains(diagnostic))
        {
            return;
        }

        int before = _counts[(int)severity]++;
        if (before < MaxTold)
        {
            _told.Add(diagnostic);
        }
        else if (before == MaxTold)
        {
            _firstUntold[(int)severity] = location;
        }
    }
}

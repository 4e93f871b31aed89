namespace DcosIsolation.Policy;

/// <summary>How grave a diagnostic is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The policy cannot be used.</summary>
    Error,

    /// <summary>The policy can be used, and probably does not say what its author meant.</summary>
    Warning,

    /// <summary>Worth knowing, nothing to do.</summary>
    Information,
}

/// <summary>Something to say about a place in a policy file or a subnets file. Immutable.</summary>
/// <param name="Severity">How grave it is.</param>
/// <param name="Location">The place.</param>
/// <param name="Message">The offending text, what was expected, and what to do; one line.</param>
public sealed record PolicyDiagnostic(DiagnosticSeverity Severity, SourceLocation Location, string Message)
{
    /// <summary><c>file:line:column: error: message</c>, as compilers and editors have it; harmless to a terminal.</summary>
    public override string ToString()
    {
        string severity = Severity switch
        {
            DiagnosticSeverity.Error => "error",
            DiagnosticSeverity.Warning => "warning",
            _ => "info",
        };
        return Quoted.Escape($"{Location}: {severity}: {Message}");
    }
}

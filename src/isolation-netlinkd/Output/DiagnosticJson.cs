using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>A policy's diagnostics in JSON.</summary>
internal static class DiagnosticJson
{
    public static void Write(JsonResult json, IEnumerable<PolicyDiagnostic> diagnostics) =>
        json.Objects("diagnostics", diagnostics, diagnostic =>
        {
            json.Writer.WriteString("file", diagnostic.Location.File);
            json.Writer.WriteNumber("line", diagnostic.Location.Line);
            json.Writer.WriteNumber("column", diagnostic.Location.Column);
            json.Writer.WriteString("severity", Word(diagnostic.Severity));
            json.Writer.WriteString("message", diagnostic.Message);
        });

    private static string Word(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => "error",
        DiagnosticSeverity.Warning => "warning",
        _ => "info",
    };
}

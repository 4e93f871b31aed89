using System.Text.Json;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>validate POLICY</c>.</summary>
internal static class ValidateCommand
{
    public static int Run(CommandContext context, string path)
    {
        PolicyFile file = PolicyFile.Read(context, path, OperatorRuleChecks.Check);
        IsolationPolicy policy = file.Policy;
        int prefixes = policy.Networks.Sum(network => network.Prefixes.Length);
        context.WriteResult(
            json =>
            {
                Utf8JsonWriter writer = json.Writer;
                writer.WriteBoolean("valid", true);
                writer.WriteString("policyDigest", file.Digest);
                writer.WriteNumber("networks", policy.Networks.Length);
                writer.WriteNumber("prefixes", prefixes);
                writer.WriteNumber("allow", policy.Allow.Length);
                writer.WriteNumber("deny", policy.Deny.Length);
                writer.WriteNumber("exceptions", policy.Exceptions.Length);
                IEnumerable<PolicyDiagnostic> warnings = file.Diagnostics.Where(item => item.Severity == DiagnosticSeverity.Warning);
                json.Strings("warnings", warnings.Select(item => item.ToString()));
                DiagnosticJson.Write(json, file.Diagnostics);
            },
            text =>
            {
                string networks = Counted.Text(policy.Networks.Length, "network");
                text.WriteLine(
                    $"{Quoted.Escape(path)} is valid: {networks} with {Counted.Text(prefixes, "prefix", "prefixes")}, "
                    + $"{policy.Allow.Length} allow, {policy.Deny.Length} deny, {Counted.Text(policy.Exceptions.Length, "exception")}");
                text.WriteLine($"policy digest  {file.Digest}");
            });
        return ExitCode.Done;
    }
}

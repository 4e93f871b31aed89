using System.Collections.Immutable;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary>A policy read from its file, and its digest.</summary>
internal sealed record PolicyFile(IsolationPolicy Policy, string Digest, ImmutableArray<PolicyDiagnostic> Diagnostics)
{
    /// <summary>Reads and checks a policy file; warnings and errors go to standard error, information too with <c>-v</c>.</summary>
    /// <exception cref="InvalidPolicyException">The file cannot be read or the policy is not valid.</exception>
    public static PolicyFile Read(CommandContext context, string path)
    {
        PolicyReadResult result = PolicyReader.Read(path, ReadText(path), InputFile.Open);
        foreach (PolicyDiagnostic diagnostic in result.Diagnostics)
        {
            if (diagnostic.Severity != DiagnosticSeverity.Information || context.Verbose)
            {
                context.Error.WriteLine(diagnostic);
            }
        }

        if (result.Policy is not { } policy)
        {
            int errors = result.Diagnostics.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
            throw new InvalidPolicyException($"{path} is not valid: {errors} {(errors == 1 ? "error" : "errors")}; nothing was changed");
        }

        return new PolicyFile(policy, PolicyDigest.Compute(policy), result.Diagnostics);
    }

    /// <summary>The families that the policy has any prefix in.</summary>
    public IReadOnlySet<Family> Families =>
        Policy.Networks.SelectMany(network => network.Prefixes).Select(prefix => prefix.Family).ToHashSet();

    private static string ReadText(string path)
    {
        try
        {
            using StreamReader reader = InputFile.Open(path);
            return reader.ReadToEnd();
        }
        catch (IOException e)
        {
            throw new InvalidPolicyException($"cannot read the policy '{path}': {e.Message}");
        }
    }
}

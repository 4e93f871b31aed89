using System.Collections.Immutable;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary>A policy read from its file, and its digest.</summary>
internal sealed class PolicyFile
{
    private const int ManyPrefixes = 100_000;

    private readonly Task<string> _digest;

    private PolicyFile(IsolationPolicy policy, ImmutableArray<PolicyDiagnostic> diagnostics)
    {
        (Policy, Diagnostics) = (policy, diagnostics);

        // A million lines take a while, in which the kernel can be asked.
        _digest = Task.Run(() => PolicyDigest.Compute(policy));
    }

    public IsolationPolicy Policy { get; }

    public ImmutableArray<PolicyDiagnostic> Diagnostics { get; }

    /// <summary>The policy's digest; waits until it is computed.</summary>
    public string Digest => _digest.GetAwaiter().GetResult();

    /// <summary>Reads and checks a policy file; warnings and errors go to standard error, information too with <c>-v</c>.</summary>
    /// <exception cref="InvalidPolicyException">The file cannot be read or the policy is not valid.</exception>
    public static PolicyFile Read(CommandContext context, string path)
    {
        PolicyReadResult result = PolicyReader.Read(path, ReadText(path), InputFile.Open);
        foreach (PolicyDiagnostic diagnostic in result.Diagnostics)
        {
            if (diagnostic.Severity != DiagnosticSeverity.Information || context.Verbose)
            {
                context.TellPlainly(diagnostic.ToString());
            }
        }

        if (result.Policy is not { } policy)
        {
            string errors = Counted.Text(result.ErrorCount, "error");
            throw new InvalidPolicyException($"{path} is not valid: {errors}; nothing was changed", result.Diagnostics);
        }

        if (policy.Networks.Sum(network => (long)network.Prefixes.Length) >= ManyPrefixes)
        {
            // What reading took would otherwise stay until after the set was read back, which takes as much again.
            GC.Collect();
        }

        return new PolicyFile(policy, result.Diagnostics);
    }

    /// <summary>The families that the policy has any prefix in.</summary>
    public IReadOnlySet<Family> Families =>
        Policy.Networks.SelectMany(network => (Family[])[network.Prefixes[0].Family, network.Prefixes[^1].Family]).ToHashSet();

    private static string ReadText(string path)
    {
        try
        {
            return InputFile.ReadBeyond(PolicyReader.MaxLength, path);
        }
        catch (IOException e)
        {
            throw new InvalidPolicyException($"cannot read the policy '{path}': {e.Message}", []);
        }
    }
}

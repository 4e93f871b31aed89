using System.Collections.Immutable;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary>A policy read from its file, and its digest.</summary>
internal sealed class PolicyFile
{
    private const int ManyPrefixes = 100_000;

    private readonly Task<string> _digest;

    private readonly string _path;

    private PolicyFile(string path, IsolationPolicy policy, ImmutableArray<PolicyDiagnostic> diagnostics)
    {
        (_path, Policy, Diagnostics) = (path, policy, diagnostics);

        // A million lines take a while, in which the kernel can be asked.
        _digest = Task.Run(() => PolicyDigest.Compute(policy));
    }

    public IsolationPolicy Policy { get; }

    public ImmutableArray<PolicyDiagnostic> Diagnostics { get; }

    /// <summary>The policy's digest; waits until it is computed.</summary>
    public string Digest => _digest.GetAwaiter().GetResult();

    /// <summary>Reads and checks a policy file; warnings and errors go to standard error, information too with <c>-v</c>.</summary>
    /// <param name="context">Where diagnostics go.</param>
    /// <param name="path">The file.</param>
    /// <param name="check">What else is to be said of a policy that is valid so far.</param>
    /// <param name="trust">Whose files may be read.</param>
    /// <param name="reads">Is told the path of each subnets file before it is opened.</param>
    /// <exception cref="InvalidPolicyException">The file cannot be read or the policy is not valid.</exception>
    public static PolicyFile Read(
        CommandContext context,
        string path,
        Func<IsolationPolicy, IEnumerable<PolicyDiagnostic>>? check = null,
        FileTrust trust = FileTrust.Anyones,
        Action<string>? reads = null)
    {
        PolicyReadResult result = PolicyReader.Read(path, ReadText(path, trust), Open);
        ImmutableArray<PolicyDiagnostic> more = check is not null && result.Policy is { } valid ? [.. check(valid).OrderBy(item => item.Location.Line)] : [];
        ImmutableArray<PolicyDiagnostic> diagnostics = [.. result.Diagnostics, .. more];
        int errors = result.ErrorCount + more.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        Tell(context, diagnostics);
        if (result.Policy is not { } policy || errors > 0)
        {
            throw Invalid(path, errors, diagnostics);
        }

        var file = new PolicyFile(path, policy, diagnostics);
        if (policy.Networks.Sum(network => (long)network.Prefixes.Length) >= ManyPrefixes)
        {
            // What reading took would otherwise stay until after the set was read back, which takes as much again.
            GC.Collect();
        }

        return file;

        Stream Open(string subnets)
        {
            reads?.Invoke(subnets);
            return InputFile.Open(subnets, trust);
        }
    }

    /// <summary>Compiles the policy for a kernel.</summary>
    /// <exception cref="InvalidPolicyException">iptables' extensions do not take one of the policy's rules.</exception>
    public DesiredState Compile(CommandContext context, KernelDataplane dataplane) =>
        CompileAhead(context, dataplane).WithPolicyDigest(Digest);

    /// <summary>Compiles the policy for a kernel, without its digest, which may not be computed yet.</summary>
    /// <inheritdoc cref="Compile"/>
    public DesiredState CompileAhead(CommandContext context, KernelDataplane dataplane)
    {
        try
        {
            return dataplane.Compile(Policy);
        }
        catch (InvalidRulesException e)
        {
            Tell(context, e.Diagnostics);
            throw Invalid(_path, e.Diagnostics.Length, [.. Diagnostics, .. e.Diagnostics]);
        }
    }

    private static void Tell(CommandContext context, ImmutableArray<PolicyDiagnostic> diagnostics)
    {
        foreach (PolicyDiagnostic diagnostic in diagnostics)
        {
            if (diagnostic.Severity != DiagnosticSeverity.Information || context.Verbose)
            {
                context.TellPlainly(diagnostic.ToString());
            }
        }
    }

    private static InvalidPolicyException Invalid(string path, int errors, ImmutableArray<PolicyDiagnostic> diagnostics) =>
        new($"{path} is not valid: {Counted.Text(errors, "error")}; nothing was changed", diagnostics);

    /// <summary>The families that the policy has any prefix in.</summary>
    public IReadOnlySet<Family> Families =>
        Policy.Networks.SelectMany(network => (Family[])[network.Prefixes[0].Family, network.Prefixes[^1].Family]).ToHashSet();

    private static string ReadText(string path, FileTrust trust)
    {
        try
        {
            return InputFile.ReadBeyond(PolicyReader.MaxLength, path, trust);
        }
        catch (IOException e)
        {
            throw new InvalidPolicyException($"cannot read the policy '{path}': {e.Message}", []);
        }
    }
}

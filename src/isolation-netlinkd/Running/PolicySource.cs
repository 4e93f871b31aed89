using DcosIsolation.Daemon.Commands;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Running;

/// <summary>The daemon's policy file and its subnets files: reads them, and tells when they may have changed. Not thread-safe.</summary>
internal sealed class PolicySource(string path, FileTrust trust, KernelDataplane dataplane, ILogger logger) : IDisposable
{
    private readonly CommandContext _quiet = new(TextWriter.Null, TextWriter.Null, json: false, verbose: false);
    private FileStamps _stamps = new();

    /// <summary>Tells when something happened beside the files; null when the kernel does not tell.</summary>
    public FileWatch? Watch { get; private set; }

    /// <summary>Whether the last policy that was read was valid.</summary>
    public bool IsValid { get; private set; }

    /// <summary>Whether the files are others than when they were last read, or attempted to be.</summary>
    public bool HasChanged => !_stamps.AreCurrent();

    /// <summary>Reads and compiles the policy; what is to be said of it is logged.</summary>
    /// <exception cref="InvalidPolicyException">It cannot be read, or is not valid.</exception>
    /// <exception cref="PolicyCompilationException">It cannot be told to this kernel.</exception>
    public CompiledPolicy Load()
    {
        IsValid = false;

        // Looked at before they are read: whatever changes meanwhile makes the next question after changes be answered with yes.
        _stamps = new FileStamps();
        _stamps.Add(path);
        try
        {
            PolicyFile file = PolicyFile.Read(_quiet, path, trust: trust, reads: _stamps.Add);
            Diagnose(file.Diagnostics);
            var compiled = new CompiledPolicy(file.CompileAhead(_quiet, dataplane), () => file.Digest, file.Families, file.Policy.Networks.Length);
            IsValid = true;
            return compiled;
        }
        catch (InvalidPolicyException e)
        {
            Diagnose(e.Diagnostics);
            throw;
        }
        finally
        {
            Watch?.Dispose();
            Watch = FileWatch.Begin(_stamps.Files);
        }
    }

    public void Dispose() => Watch?.Dispose();

    private void Diagnose(IEnumerable<PolicyDiagnostic> diagnostics)
    {
        foreach (PolicyDiagnostic diagnostic in diagnostics)
        {
            DaemonLog.Diagnose(logger, diagnostic);
        }
    }
}

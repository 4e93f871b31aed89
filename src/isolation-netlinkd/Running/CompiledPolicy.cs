using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Running;

/// <summary>What a policy compiled to here. Not thread-safe.</summary>
/// <param name="compiled">The kernel objects, without the policy's digest.</param>
/// <param name="digest">Waits for the digest.</param>
/// <param name="families">The families that the policy has any prefix in.</param>
/// <param name="networks">How many networks it has.</param>
internal sealed class CompiledPolicy(DesiredState compiled, Func<string> digest, IReadOnlySet<Family> families, int networks)
{
    private DesiredState _desired = compiled;
    private Func<string>? _digest = digest;

    /// <summary>The kernel objects; the first time waits for the digest, which takes as long as it takes to ask the kernel for what it holds.</summary>
    public DesiredState Desired
    {
        get
        {
            if (_digest is { } awaited)
            {
                // Not kept: it holds the policy's text and prefixes.
                (_desired, _digest) = (_desired.WithPolicyDigest(awaited()), null);
            }

            return _desired;
        }
    }

    public IReadOnlySet<Family> Families { get; } = families;

    public int Networks { get; } = networks;

    /// <summary>How many entries its sets hold.</summary>
    public long Entries { get; } = compiled.Families.Sum(family => family.Sets.Sum(set => (long)set.Count));
}

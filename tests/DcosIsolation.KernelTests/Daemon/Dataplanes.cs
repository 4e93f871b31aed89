using System.Collections.Immutable;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Policy;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Plans for a dataplane in the test's own process.</summary>
internal static class Dataplanes
{
    private static readonly ImmutableHashSet<Family> s_both = [Family.Inet, Family.Inet6];

    public static Plan PlanFor(KernelDataplane dataplane, string yaml)
    {
        IsolationPolicy policy = PolicyReader.Read("policy.yaml", yaml, _ => throw new IOException("there is no such file")).Policy!;
        DesiredState desired = PolicyCompiler.Compile(policy, PolicyDigest.Compute(policy), dataplane.Abilities);
        return Planner.Plan(desired, dataplane.Read(s_both));
    }
}

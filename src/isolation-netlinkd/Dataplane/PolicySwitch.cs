using System.Collections.Immutable;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>What a switch did.</summary>
/// <param name="Plan">The plan that was carried out.</param>
/// <param name="Messages">What an operator should know although all went well.</param>
internal sealed record SwitchResult(Plan Plan, ImmutableArray<string> Messages);

/// <summary>Brings the kernel from what it holds to what is desired.</summary>
internal static class PolicySwitch
{
    /// <summary>Plans, checks that there is room, and carries the plan out; an empty plan writes nothing.</summary>
    /// <param name="dataplane">The kernel.</param>
    /// <param name="desired">What is desired.</param>
    /// <param name="live">What the kernel holds, read while the lock was held.</param>
    /// <param name="limits">What it may take.</param>
    /// <param name="heldLock">The xtables lock.</param>
    /// <exception cref="PlanConflictException">What others made stands in the way.</exception>
    /// <exception cref="InvalidOperationException">It needs more than there is, or more than it may take.</exception>
    /// <exception cref="Netlink.NetlinkException">The kernel refused a set.</exception>
    /// <exception cref="XtablesException">The kernel refused the rules.</exception>
    public static SwitchResult Run(
        KernelDataplane dataplane, DesiredState desired, LiveState live, SwitchLimits limits, XtablesLock heldLock)
    {
        try
        {
            return CarryOut(Planner.Plan(desired, live), []);
        }
        catch (SetPinnedException e)
        {
            return CarryOut(Planner.Plan(desired, live with { CanSwap = false }), [$"{e.Message}; a new generation is built instead"]);
        }

        SwitchResult CarryOut(Plan plan, ImmutableArray<string> messages)
        {
            Headroom.Check(PlanNeeds.Of(plan, live), limits, FreeMemory.Now());
            ImmutableArray<string> warnings = dataplane.Apply(plan, heldLock, TimeProvider.System.GetUtcNow());
            return new SwitchResult(plan, [.. messages, .. plan.Notices, .. warnings]);
        }
    }
}

using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Confirming;

/// <summary>Puts back what was in force before a switch that was not confirmed.</summary>
internal static class Rollback
{
    /// <summary>Puts it back, and then takes the file away: a process that dies in between leaves the next one nothing to change.</summary>
    /// <exception cref="PlanConflictException">What others made meanwhile stands in the way.</exception>
    /// <exception cref="InvalidOperationException">The kernel has no room, or the state no longer fits.</exception>
    /// <exception cref="Netlink.NetlinkException">The kernel refused a set.</exception>
    /// <exception cref="XtablesException">The kernel refused the rules.</exception>
    public static SwitchResult Run(PendingFile file, PendingSwitch pending, ILogger logger, XtablesLock heldLock)
    {
        using KernelDataplane dataplane = KernelDataplane.Open(logger);
        LiveState live = dataplane.Read(pending.Before.Families.Select(family => family.Family).ToHashSet());
        SwitchResult done = PolicySwitch.Run(dataplane, pending.Before, live, new SwitchLimits(null, null), heldLock);
        file.Delete();
        return done;
    }

    /// <summary>What comes back, in words.</summary>
    public static string WhatComesBack(PendingSwitch pending) => pending.Before switch
    {
        { Families.IsEmpty: true } => "no policy at all",
        { PolicyDigest: "" } => "what was in force before",
        { PolicyDigest: var digest } => $"policy {digest}",
    };
}

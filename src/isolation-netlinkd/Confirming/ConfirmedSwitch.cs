using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Confirming;

/// <summary>
/// A switch that is undone unless it is confirmed in time. The order makes that true wherever this process dies: the file with what to put
/// back is there before anything is written to the kernel, and so is the helper that puts it back.
/// </summary>
internal static class ConfirmedSwitch
{
    /// <summary>Switches as <see cref="PolicySwitch.Run"/> does. Where there is nothing to change there is nothing to confirm.</summary>
    /// <param name="dataplane">The kernel.</param>
    /// <param name="desired">What is desired.</param>
    /// <param name="live">What the kernel holds, read while the lock was held.</param>
    /// <param name="limits">What it may take.</param>
    /// <param name="within">The time to confirm it, counted from now.</param>
    /// <param name="logger">Gets what a rollback does.</param>
    /// <param name="heldLock">The xtables lock.</param>
    /// <returns>What the switch did, and what waits for being confirmed.</returns>
    /// <exception cref="InvalidOperationException">What is in force could not be put back exactly; nothing was changed.</exception>
    /// <exception cref="IOException">The file cannot be written, or the helper cannot be started; nothing was changed.</exception>
    public static (SwitchResult Done, PendingSwitch? Pending) Run(
        KernelDataplane dataplane,
        DesiredState desired,
        LiveState live,
        SwitchLimits limits,
        TimeSpan within,
        ILogger logger,
        XtablesLock heldLock)
    {
        if (Planner.Plan(desired, live).IsEmpty)
        {
            return (PolicySwitch.Run(dataplane, desired, live, limits, heldLock), null);
        }

        if (!InForceState.TryOf(live, out DesiredState? before, out string? whyNot))
        {
            throw new InvalidOperationException(
                $"what is in force could not be put back exactly: {whyNot}; nothing was changed. Apply without --confirm-within, "
                + "or first apply the policy that is in force, which puts that right");
        }

        PendingFile file = PendingFile.OfThisNamespace();
        var pending = new PendingSwitch(Guid.NewGuid(), BootClock.Boot, OwnNamespace.Cookie, BootClock.Now + within, before);
        file.Write(pending);
        try
        {
            RollbackHelper.Start(pending);
            return (PolicySwitch.Run(dataplane, desired, live, limits, heldLock), pending);
        }
        catch
        {
            TakeBack(file, pending, logger, heldLock);
            throw;
        }
    }

    /// <summary>A switch that fails takes back what it did; if it could not, this tries again.</summary>
    private static void TakeBack(PendingFile file, PendingSwitch pending, ILogger logger, XtablesLock heldLock)
    {
        try
        {
            Rollback.Run(file, pending, logger, heldLock);
        }
        catch (Exception)
        {
            // The failure at hand is told. The file stays, and the helper and every command after this one go on trying.
        }
    }
}

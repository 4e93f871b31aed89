using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Running;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>confirm</c> and <c>rollback</c>.</summary>
internal static class ConfirmCommand
{
    /// <summary>Keeps what <c>apply --confirm-within</c> put in force.</summary>
    public static int Run(CommandContext context, TimeSpan lockWait)
    {
        using XtablesLock heldLock = XtablesLock.Acquire(lockWait);
        (PendingFile file, PendingSwitch pending) = Find("confirm");
        if (pending.Deadline <= BootClock.Now)
        {
            Undo(context, file, pending, heldLock);
            throw new InvalidOperationException($"that was too late: what was applied was undone, {Rollback.WhatComesBack(pending)} is in force again");
        }

        file.Delete();
        context.WriteReport("confirmed", json => json.Writer.WriteBoolean("confirmed", true), text => text.WriteLine("confirmed: what is in force stays"));
        return ExitCode.Done;
    }

    /// <summary>Puts back what was in force before <c>apply --confirm-within</c>.</summary>
    public static int RunRollback(CommandContext context, TimeSpan lockWait)
    {
        using XtablesLock heldLock = XtablesLock.Acquire(lockWait);
        TraceLeftovers.Remove(context.Tell, heldLock);
        (PendingFile file, PendingSwitch pending) = Find("roll back");
        SwitchResult done = Undo(context, file, pending, heldLock);
        if (DaemonLease.IsHeld)
        {
            context.Tell(DaemonLease.Warning);
        }

        context.WriteReport(
            "rolled back",
            json =>
            {
                json.Writer.WriteBoolean("changed", !done.Plan.IsEmpty);
                json.Writer.WriteString("policyDigest", pending.Before.PolicyDigest.Length == 0 ? null : pending.Before.PolicyDigest);
                json.Writer.WriteString("stateDigest", StateDigest.Of(pending.Before));
            },
            text =>
            {
                text.WriteLine($"rolled back: {Rollback.WhatComesBack(pending)} is in force again");
                text.WriteLine($"state digest   {StateDigest.Of(pending.Before)}");
            });
        return ExitCode.Done;
    }

    private static (PendingFile File, PendingSwitch Pending) Find(string what)
    {
        PendingFile file = PendingFile.OfThisNamespace();
        PendingSwitch? pending = file.Read();
        if (pending is not null && !Leftovers.IsOfHere(pending))
        {
            file.Delete();
            pending = null;
        }

        return pending is null
            ? throw new InvalidOperationException(
                $"there is nothing to {what}: no 'apply --confirm-within' waits here. If one did, it was confirmed, or undone when its time was over")
            : (file, pending);
    }

    private static SwitchResult Undo(CommandContext context, PendingFile file, PendingSwitch pending, XtablesLock heldLock)
    {
        SwitchResult done = Rollback.Run(file, pending, context.Logger, heldLock);
        foreach (string message in done.Messages)
        {
            context.Tell(message);
        }

        return done;
    }
}

using DcosIsolation.Daemon.Commands;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Confirming;

/// <summary>What commands before this one left to be done: whoever opens the kernel does it first.</summary>
/// <param name="RunningTraces">How many traces are running.</param>
/// <param name="Pending">The switch that waits for being confirmed, or could not be undone; null when there is none.</param>
internal sealed record Leftovers(int RunningTraces, PendingSwitch? Pending)
{
    /// <summary>
    /// Takes away the rules of killed traces, and undoes a switch that was not confirmed in time by anybody, its helper being dead. That this
    /// fails is told, and is no reason not to go on.
    /// </summary>
    /// <param name="context">Is told what was done, and what could not be.</param>
    /// <param name="heldLock">The xtables lock, if it is held. If not, nothing is done while somebody else holds it.</param>
    public static Leftovers Settle(CommandContext context, XtablesLock? heldLock)
    {
        int traces = TraceLeftovers.Remove(context.Tell, heldLock);
        PendingSwitch? pending = null;
        try
        {
            PendingFile file = PendingFile.OfThisNamespace();
            pending = file.Read();
            if (pending is not null && IsOver(pending))
            {
                using XtablesLock? own = heldLock is null ? XtablesLock.Acquire(TimeSpan.Zero) : null;

                // Whoever had the lock until now may have settled it.
                pending = file.Read();
                if (pending is not null && IsOver(pending))
                {
                    Settle(context, file, pending, heldLock ?? own!);
                    pending = null;
                }
            }
        }
        catch (Exception e) when (e is PlanConflictException || CommandLine.IsRefusal(e))
        {
            context.Tell(pending is null ? e.Message : $"what was applied last was not confirmed in time, and is not undone yet: {e.Message}");
        }

        return new Leftovers(traces, pending);
    }

    /// <summary>For commands that would replace what waits for being confirmed, and with it what is to be put back.</summary>
    /// <exception cref="InvalidOperationException">A switch waits.</exception>
    public void RefuseIfPending()
    {
        if (Pending is not null)
        {
            throw new InvalidOperationException($"{Describe(Pending)}; then run this again. Nothing was changed");
        }
    }

    /// <summary>That a switch waits, and what can be done about it.</summary>
    public static string Describe(PendingSwitch pending) =>
        (BootClock.SecondsUntil(pending.Deadline) is > 0 and var left
            ? $"what was applied last waits {left} s more for being confirmed"
            : "what was applied last was not confirmed in time, and is to be undone")
        + ": keep it with 'isolation-netlinkd confirm', or undo it with 'isolation-netlinkd rollback'";

    /// <summary>Whether it is no longer for the operator to decide.</summary>
    public static bool IsOver(PendingSwitch pending) => !IsOfHere(pending) || pending.Deadline <= BootClock.Now;

    /// <summary>Whether it is of this boot and namespace: what others had in force is nothing to put back here.</summary>
    public static bool IsOfHere(PendingSwitch pending) =>
        pending.Boot == BootClock.Boot && (pending.NetworkNamespace == 0 || pending.NetworkNamespace == OwnNamespace.Cookie);

    private static void Settle(CommandContext context, PendingFile file, PendingSwitch pending, XtablesLock heldLock)
    {
        if (!IsOfHere(pending))
        {
            file.Delete();
            context.Tell($"removed {file.Path}: it was left by another boot or network namespace, and means nothing here");
            return;
        }

        foreach (string message in Rollback.Run(file, pending, context.Logger, heldLock).Messages)
        {
            context.Tell(message);
        }

        context.Tell($"what was applied last was not confirmed in time, and was undone: {Rollback.WhatComesBack(pending)} is in force again");
    }
}

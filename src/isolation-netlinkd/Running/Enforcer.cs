using System.Collections.Immutable;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Running;

/// <summary>
/// Keeps the kernel at a policy. Holds what it left in the sets, so that neither a look at the rules nor a small change of a large policy
/// reads them back. Not thread-safe.
/// </summary>
internal sealed class Enforcer(KernelDataplane dataplane, SwitchLimits limits, TimeSpan lockWait, CancellationToken stopping)
{
    private KnownSets? _known;

    // Sets that nothing uses any more and that could not be destroyed, mostly since somebody's dump of them stalls.
    private ImmutableArray<string> _left = [];

    /// <summary>What is in force as far as this process knows; null before the first policy.</summary>
    public CompiledPolicy? InForce { get; private set; }

    /// <summary>
    /// The least share of a set's maximum that was free when the kernel was last looked at, from 0 to 1; null when there was no set.
    /// </summary>
    public double? Headroom { get; private set; }

    /// <summary>Puts a policy in force. The first time all sets are read, later only what changed.</summary>
    /// <exception cref="OperationCanceledException">The daemon shall end; nothing was changed.</exception>
    public SwitchResult Apply(CompiledPolicy policy)
    {
        using XtablesLock heldLock = XtablesLock.Acquire(lockWait, cancellation: stopping);
        return Switch(policy, dataplane.Read(policy.Families, _known), heldLock);
    }

    /// <summary>Looks whether the kernel is as it should be.</summary>
    /// <param name="full">Whether entries are read, too.</param>
    /// <returns>What differs.</returns>
    public ImmutableArray<Drift> Verify(bool full)
    {
        if (InForce is not { } policy)
        {
            return [];
        }

        DestroyLeft();
        LiveState live = dataplane.Read(policy.Families, full ? null : _known, without: _left);
        Headroom = null;
        foreach (LiveSet set in live.Sets)
        {
            if (set is { MaxElem: > 0, Content: { } content })
            {
                Headroom = Math.Min(Headroom ?? 1, 1 - ((double)content.Count / set.MaxElem));
            }
        }

        return DriftFrom(policy, live);
    }

    /// <summary>Looks again, at everything and while nobody else changes rules, and puts back what differs.</summary>
    /// <returns>What differed, and what was done about it; null when nothing differs any more.</returns>
    /// <exception cref="OperationCanceledException">The daemon shall end; nothing was changed.</exception>
    public (ImmutableArray<Drift> Found, SwitchResult Done)? Repair()
    {
        CompiledPolicy policy = InForce ?? throw new InvalidOperationException("there is no policy to repair");
        using XtablesLock heldLock = XtablesLock.Acquire(lockWait, cancellation: stopping);
        LiveState live = dataplane.Read(policy.Families);
        ImmutableArray<Drift> found = DriftFrom(policy, live with { Sets = live.Sets.RemoveAll(set => _left.Contains(set.Name)) });
        return found.IsEmpty ? null : (found, Switch(policy, live, heldLock));
    }

    private void DestroyLeft()
    {
        if (_left.IsEmpty)
        {
            return;
        }

        try
        {
            // Whoever holds the lock may be making a set of that name.
            using XtablesLock heldLock = XtablesLock.Acquire(TimeSpan.Zero);
            _left = dataplane.TryDestroy(_left);
        }
        catch (XtablesLockTimeoutException)
        {
            // The next look does.
        }
    }

    private static ImmutableArray<Drift> DriftFrom(CompiledPolicy policy, LiveState live) =>
        Drift.Between(live, Planner.Plan(policy.Desired, live));

    private SwitchResult Switch(CompiledPolicy policy, LiveState live, XtablesLock heldLock)
    {
        stopping.ThrowIfCancellationRequested();

        // Until it is known to have gone well nothing is known of what the sets hold.
        (_known, _left) = (null, []);
        SwitchResult done = PolicySwitch.Run(dataplane, policy.Desired, live, limits, heldLock);
        InForce = policy;
        _known = new KnownSets(policy.Desired, done.Plan);
        _left = dataplane.StillThere([.. done.Plan.Discard, .. done.Plan.Destroy]);
        return done;
    }
}

using DcosIsolation.Daemon.Output;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Rules that a trace left in the table raw because its process was killed: whoever comes next takes them away.</summary>
internal static class TraceLeftovers
{
    /// <summary>Takes away what killed traces left. That this fails is told, and is no reason not to go on.</summary>
    /// <param name="tell">Gets a line for each family in which there was something.</param>
    /// <param name="heldLock">The xtables lock, if it is held. If not, nothing is done while somebody else holds it.</param>
    /// <returns>How many traces are running.</returns>
    public static int Remove(Action<string> tell, XtablesLock? heldLock)
    {
        var running = new HashSet<string>(StringComparer.Ordinal);
        foreach (Family family in (ReadOnlySpan<Family>)[Family.Inet, Family.Inet6])
        {
            if (!HasTable(family))
            {
                continue;
            }

            try
            {
                using XtablesLock? own = heldLock is null ? XtablesLock.Acquire(TimeSpan.Zero) : null;
                int removed = XtablesTransaction.RemoveRules(
                    PolicyEntries.ToNetfilter(family),
                    heldLock ?? own!,
                    TraceRules.Table,
                    TraceRules.Chain,
                    IsLeftover).Count;
                if (removed > 0)
                {
                    tell($"took {Counted.Text(removed, "rule")} of a trace that was killed out of the {FamilyText.Name(family)} table raw");
                }
            }
            catch (XtablesLockTimeoutException)
            {
                return running.Count;
            }
            catch (XtablesException e)
            {
                tell($"looking for what a killed trace may have left: {e.Message}");
            }
        }

        return running.Count;

        bool IsLeftover(XtablesTableRule rule)
        {
            if (TraceRules.TraceOf(rule) is not { } trace)
            {
                return false;
            }

            if (TraceName.IsHeld(trace))
            {
                running.Add(trace);
                return false;
            }

            return true;
        }
    }

    /// <summary>Whether this namespace has the table: to ask for it by its name would make it.</summary>
    private static bool HasTable(Family family)
    {
        string names = family == Family.Inet ? "ip_tables_names" : "ip6_tables_names";
        try
        {
            return File.ReadAllLines($"/proc/thread-self/net/{names}").Contains(TraceRules.Table);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No legacy xtables, or not root's namespace: then there is nothing that could be taken away.
            return false;
        }
    }
}

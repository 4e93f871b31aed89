using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Waits until every packet has left the rules and sets in which it was: membarrier(2) with MEMBARRIER_CMD_GLOBAL, which is
/// synchronize_rcu() (kernel/sched/membarrier.c). Netfilter's hooks run inside of one RCU read-side section, so that what a process changed
/// before is all that a packet sees afterwards. Needs no privilege; thread-safe.
/// </summary>
public static class RcuGracePeriod
{
    /// <summary>Whether the kernel lets a process wait: not one built without membarrier, nor one started with nohz_full.</summary>
    public static bool IsSupported { get; } =
        membarrier_h.membarrier(membarrier_h.MEMBARRIER_CMD_QUERY, 0) is > 0 and var commands
        && (commands & membarrier_h.MEMBARRIER_CMD_GLOBAL) != 0;

    /// <summary>Waits: some milliseconds, up to tens of them on a busy machine.</summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public static void Wait()
    {
        if (membarrier_h.membarrier(membarrier_h.MEMBARRIER_CMD_GLOBAL, 0) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new NetlinkException("wait for packets that are under way (membarrier)", error, ErrnoText.Of(error));
        }
    }
}

using System.Collections.Immutable;
using System.Diagnostics;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Changes sets in force: entry by entry, or by SWAP; and takes that back.</summary>
internal sealed partial class SetEditor(IpsetClient ipset, ILogger logger)
{
    private static readonly TimeSpan s_swapPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_swapPause = TimeSpan.FromMilliseconds(10);

    private readonly ILogger _logger = logger;
    private readonly Stack<EditPhase> _edited = new();
    private readonly Stack<SetSwap> _swapped = new();

    /// <summary>Carries out phases one after the other; no packet meets more than one of them.</summary>
    /// <exception cref="NetlinkException">The kernel refused an entry.</exception>
    public void Run(ImmutableArray<EditPhase> phases)
    {
        for (int i = 0; i < phases.Length; i++)
        {
            if (i > 0)
            {
                RcuGracePeriod.Wait();
            }

            _edited.Push(phases[i]);
            foreach (SetEdit edit in phases[i].Edits)
            {
                PolicyEntries.Edit(ipset, edit.Entries, edit.IsAdd);
                LogEdited(edit.Entries.Name, edit.IsAdd ? "added" : "deleted", edit.Entries.Count);
            }
        }
    }

    /// <summary>Exchanges two sets; a dump of one of them, anyone's, stands in the way for as long as it is read.</summary>
    /// <exception cref="SetPinnedException">It still does.</exception>
    /// <exception cref="NetlinkException">The kernel refused it for another reason.</exception>
    public void Swap(SetSwap swap)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                ipset.Swap(swap.InForce, swap.Fresh);
                _swapped.Push(swap);
                return;
            }
            catch (NetlinkException e) when (e.CanRetry && e is not NetlinkReplyLostException && Stopwatch.GetElapsedTime(start) < s_swapPatience)
            {
                Thread.Sleep(s_swapPause);
            }
            catch (NetlinkException e) when (e.CanRetry && e is not NetlinkReplyLostException)
            {
                throw new SetPinnedException($"{e.Message}: somebody's dump of {swap.InForce} has not been read to its end", e);
            }
        }
    }

    /// <summary>Takes the last phases back until only so many are left.</summary>
    public void UndoPhases(int left)
    {
        while (_edited.Count > left)
        {
            foreach (SetEdit edit in _edited.Peek().Edits)
            {
                Undo(edit);
            }

            _edited.Pop();
            RcuGracePeriod.Wait();
        }
    }

    private void Undo(SetEdit edit)
    {
        try
        {
            PolicyEntries.Edit(ipset, edit.Entries, !edit.IsAdd);
        }
        catch (IpsetException e) when (e.Errno == Errno.NoEntry)
        {
            // Someone took the set away, which may be why the apply failed.
        }
    }

    /// <summary>Exchanges back what was exchanged.</summary>
    public void UndoSwaps()
    {
        while (_swapped.TryPop(out SetSwap swap))
        {
            ipset.Swap(swap.InForce, swap.Fresh);
        }
    }

    [LoggerMessage(EventId = 4, Level = LogLevel.Debug, Message = "{Set}: {Count} entries {What} in place")]
    private partial void LogEdited(string set, string what, int count);
}

using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>What an operator lets the project take of the kernel, at any time, old and new sets together; null is no limit.</summary>
/// <param name="MaxEntries">The most entries.</param>
/// <param name="MaxBytes">The most kernel memory, in bytes.</param>
internal readonly record struct SwitchLimits(long? MaxEntries, long? MaxBytes);

/// <summary>
/// Refuses a plan that does not fit before anything is written: the kernel answers a lack of memory by killing the process that asked, in
/// the middle of its work.
/// </summary>
internal static class Headroom
{
    // What the process itself still needs: buffers, the order of the entries, its report.
    private const long ReserveBytes = 16 << 20;

    /// <exception cref="InvalidOperationException">The plan needs more than there is, or more than it may take.</exception>
    public static void Check(PlanNeeds needs, SwitchLimits limits, FreeMemory free)
    {
        if (needs.NewBytes == 0)
        {
            return;
        }

        string what = $"{Counted.Text(needs.NewEntries, "new entry", "new entries")} with {ByteSize.Text(needs.NewBytes)} of kernel memory";
        if (needs.PeakEntries > limits.MaxEntries)
        {
            throw new InvalidOperationException(
                $"the switch needs {what}, and {Counted.Text(needs.PeakEntries, "entry", "entries")} of old and new sets at a time; "
                + $"--max-entries allows {limits.MaxEntries}: nothing was changed");
        }

        if (needs.PeakBytes > limits.MaxBytes)
        {
            throw new InvalidOperationException(
                $"the switch needs {what}, and {ByteSize.Text(needs.PeakBytes)} for old and new sets at a time; "
                + $"--max-memory allows {ByteSize.Text(limits.MaxBytes.Value)}: nothing was changed");
        }

        if (needs.NewBytes + ReserveBytes > free.Bytes)
        {
            throw new InvalidOperationException(
                $"the switch needs {what}, and {ByteSize.Text(ReserveBytes)} for this process; {free.Where} has "
                + $"{ByteSize.Text(free.Bytes)} left of {ByteSize.Text(free.LimitBytes)}: raise the limit or shorten the policy; nothing was changed");
        }
    }
}

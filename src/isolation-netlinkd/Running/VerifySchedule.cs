namespace DcosIsolation.Daemon.Running;

/// <summary>
/// When the kernel is looked at again, and how closely. Rules and the sets' headers are read each time; entries only so often that reading
/// them takes less than half a percent of the time: a million about once in a minute or two, and a small policy's every time.
/// </summary>
/// <param name="interval">The longest time between two looks.</param>
/// <param name="random">What makes nodes differ.</param>
internal sealed class VerifySchedule(TimeSpan interval, Random random)
{
    private const int Share = 200;

    // Read every time, though that took long the last time: the machine was busy, then.
    private const long FewEntries = 1_000;

    private TimeSpan _fullAt;

    /// <summary>How long to wait for the next look: the interval, or up to a fifth less.</summary>
    public TimeSpan NextWait() => interval * (1 - (0.2 * random.NextDouble()));

    /// <summary>Whether entries are read now.</summary>
    /// <param name="now">The time since some beginning, by a clock that nobody sets.</param>
    /// <param name="entries">How many there are.</param>
    public bool IsFullDue(TimeSpan now, long entries) => entries <= FewEntries || now >= _fullAt;

    /// <summary>Tells what it took to read everything.</summary>
    /// <param name="now">The time when it was read.</param>
    /// <param name="cost">How long that took.</param>
    public void FullDone(TimeSpan now, TimeSpan cost) => _fullAt = now + (cost * Share);
}

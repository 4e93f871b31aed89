namespace DcosIsolation.Daemon.Running;

/// <summary>
/// When the kernel is looked at again, and how closely. Rules and the sets' headers are read each time; entries only so often that reading
/// them takes less than half a percent of the time: a small policy's every time, a million about once in a minute or two.
/// </summary>
/// <param name="interval">The longest time between two looks.</param>
/// <param name="random">What makes nodes differ.</param>
internal sealed class VerifySchedule(TimeSpan interval, Random random)
{
    private const int Share = 200;

    private TimeSpan _fullAt;

    /// <summary>How long to wait for the next look: the interval, or up to a fifth less.</summary>
    public TimeSpan NextWait() => interval * (1 - (0.2 * random.NextDouble()));

    /// <summary>Whether entries are read now.</summary>
    /// <param name="now">The time since some beginning, by a clock that nobody sets.</param>
    public bool IsFullDue(TimeSpan now) => now >= _fullAt;

    /// <summary>Tells what it took to read everything.</summary>
    /// <param name="now">The time when it was read.</param>
    /// <param name="cost">How long that took.</param>
    public void FullDone(TimeSpan now, TimeSpan cost) => _fullAt = now + (cost * Share);
}

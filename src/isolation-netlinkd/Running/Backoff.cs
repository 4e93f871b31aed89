namespace DcosIsolation.Daemon.Running;

/// <summary>How long to wait after a failure before trying again: longer each time, up to a bound, and never the same for two nodes.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan most, Random random)
{
    private TimeSpan _last;

    /// <summary>The time to wait after one more failure: between 80 % and 120 % of double the time before.</summary>
    public TimeSpan Next()
    {
        _last = _last == TimeSpan.Zero ? first : _last * 2 < most ? _last * 2 : most;
        TimeSpan wait = _last * (0.8 + (0.4 * random.NextDouble()));
        return wait < most ? wait : most;
    }

    /// <summary>All is well again.</summary>
    public void Reset() => _last = TimeSpan.Zero;
}

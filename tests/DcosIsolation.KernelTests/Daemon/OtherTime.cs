using System.Diagnostics;
using System.Globalization;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Another time on the kernel's clock, until disposed of. Only for a kernel that is the tests' own.</summary>
internal sealed class OtherTime : IDisposable
{
    /// <summary>Ten years.</summary>
    public static readonly TimeSpan Decade = TimeSpan.FromDays(3650);

    private readonly Node _node;
    private readonly long _now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private readonly long _start = Stopwatch.GetTimestamp();

    public OtherTime(Node node, TimeSpan by)
    {
        _node = node;
        Set(_now + (long)by.TotalSeconds);
    }

    /// <summary>Whether the clock is the tests' own.</summary>
    public static bool IsPossible => File.ReadAllText("/proc/cpuinfo").Contains("User Mode Linux", StringComparison.Ordinal);

    /// <summary>Why not.</summary>
    public static string WhyNot => "the clock is the machine's, not this kernel's";

    public void Dispose() => Set(_now + (long)Stopwatch.GetElapsedTime(_start).TotalSeconds);

    private void Set(long seconds) =>
        _node.Exec(["date", "-s", string.Create(CultureInfo.InvariantCulture, $"@{seconds}")]).EnsureSuccess();
}

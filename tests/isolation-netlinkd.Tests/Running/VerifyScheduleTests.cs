using DcosIsolation.Daemon.Running;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Running;

public class VerifyScheduleTests
{
    private const long Many = 1_000_000;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void No_wait_is_longer_than_the_interval()
    {
        var schedule = new VerifySchedule(30 * s_second, new Random(1));
        TimeSpan[] waits = [.. Enumerable.Range(0, 1000).Select(_ => schedule.NextWait())];
        Assert.All(waits, wait => Assert.InRange(wait, 24 * s_second, 30 * s_second));
        Assert.True(waits.Distinct().Count() > 900);
    }

    [Fact]
    public void What_is_read_quickly_is_read_each_time_and_what_takes_long_seldom()
    {
        var schedule = new VerifySchedule(s_second, new Random(1));
        Assert.True(schedule.IsFullDue(TimeSpan.Zero, Many));

        schedule.FullDone(10 * s_second, TimeSpan.FromMilliseconds(1));
        Assert.True(schedule.IsFullDue(11 * s_second, Many));

        schedule.FullDone(20 * s_second, TimeSpan.FromMilliseconds(300));
        Assert.False(schedule.IsFullDue(79 * s_second, Many));
        Assert.False(schedule.IsFullDue(79 * s_second, 1_001));
        Assert.True(schedule.IsFullDue(79 * s_second, 1_000));
        Assert.True(schedule.IsFullDue(80 * s_second, Many));
    }
}

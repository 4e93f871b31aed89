using DcosIsolation.Daemon.Running;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Running;

public class BackoffTests
{
    [Fact]
    public void Waits_grow_up_to_a_bound_and_start_again_after_a_success()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), new Random(1));
        double[] middle = [1, 2, 4, 8, 16, 32, 60, 60, 60];
        foreach (double seconds in middle)
        {
            Assert.InRange(backoff.Next().TotalSeconds, seconds * 0.8, Math.Min(60, seconds * 1.2));
        }

        backoff.Reset();
        Assert.InRange(backoff.Next().TotalSeconds, 0.8, 1.2);
    }

    [Fact]
    public void Two_nodes_do_not_wait_alike() => Assert.NotEqual(
        new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), new Random(1)).Next(),
        new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), new Random(2)).Next());
}

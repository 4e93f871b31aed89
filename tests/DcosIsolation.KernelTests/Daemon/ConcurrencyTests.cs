using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Xtables;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Others make and destroy sets, and ask what is in force, while policies are applied.</summary>
public sealed class ConcurrencyTests : IDisposable
{
    private readonly string _lockPath = Path.Combine(Path.GetTempPath(), $"xtables-{Guid.NewGuid():n}.lock");

    public void Dispose() => File.Delete(_lockPath);

    // While the kernel's table of sets grows, a listing of all sets has gaps.
    [SkippableFact]
    public void Sets_that_others_make_are_no_hindrance() => Beside(() =>
    {
        using IpsetClient ipset = IpsetClient.Open();
        for (int round = 0; round < 3; round++)
        {
            foreach (string set in Enumerable.Range(0, 600).Select(i => $"foreign-{round}-{i}"))
            {
                ipset.Create(set, IpsetType.HashNet, NetfilterFamily.Inet);
            }
        }
    });

    [SkippableFact]
    public void What_is_in_force_can_be_read_without_the_lock() => Beside(() =>
    {
        using KernelDataplane reader = KernelDataplane.Open(NullLogger.Instance);
        for (int i = 0; i < 100; i++)
        {
            _ = Dataplanes.PlanFor(reader, Policies.HrIt);
        }
    });

    private void Beside(Action others) => NewNamespace.Run(() =>
    {
        using XtablesLock held = XtablesLock.Acquire(TimeSpan.FromSeconds(5), _lockPath);
        using KernelDataplane dataplane = KernelDataplane.Open(NullLogger.Instance);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                others();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });

        // A thread belongs to the namespace of the one that starts it.
        thread.Start();
        for (int i = 0; thread.IsAlive || i < 2; i++)
        {
            dataplane.Apply(Dataplanes.PlanFor(dataplane, i % 2 == 0 ? Policies.HrIt : Policies.HrItMore), held, DateTimeOffset.UnixEpoch);
            Assert.True(Dataplanes.PlanFor(dataplane, i % 2 == 0 ? Policies.HrIt : Policies.HrItMore).IsEmpty);
        }

        thread.Join();
        Assert.Null(failure);
    });
}

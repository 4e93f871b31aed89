using System.Diagnostics.Metrics;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.KernelTests;

/// <summary>What the library's meter says of what was done to the kernel.</summary>
public sealed class MeterTests
{
    private const NetfilterFamily V4 = NetfilterFamily.Inet;

    [SkippableFact]
    public void Messages_entries_and_errors_are_counted() => NewNamespace.Run(() =>
    {
        // A batch that is written while it is sent, and one that is not.
        IpsetEntry[] entries = [.. Enumerable.Range(0, IpsetClient.FillInOrder + 1).Select(i => IpsetEntry.Net(
            new IpsetPrefix(V4, (UInt128)(0x0a000000u + ((uint)i << 8)) << 96, 24)))];
        using var client = IpsetClient.Open();
        client.Create("s", IpsetType.HashNet, V4);
        using var counts = new Counts();

        client.AddRange<IpsetEntry>("s", entries);
        Assert.Equal(entries.Length, counts["netfilter.set.entries.added"]);
        client.DeleteRange<IpsetEntry>("s", entries.AsSpan(0, 5000));
        client.Delete("s", entries[5000]);
        Assert.Equal(5001, counts["netfilter.set.entries.deleted"]);
        client.Add("s", entries[0]);
        Assert.Throws<IpsetException>(() => client.Add("s", entries[0]));

        Assert.Equal(entries.Length + 1, counts["netfilter.set.entries.added"]);
        Assert.Equal(1, counts["netfilter.kernel.errors"]);
        Assert.InRange(counts["netfilter.netlink.sent.messages"], 6, 100);
        Assert.InRange(counts["netfilter.netlink.received.datagrams"], counts["netfilter.netlink.sent.messages"], 100);
        Assert.InRange(counts["netfilter.netlink.sent.bytes"], 12 * entries.Length, 60 * entries.Length);
    });

    [Fact]
    public void The_wait_for_the_lock_is_counted_whether_it_is_had_or_not()
    {
        string path = Path.GetTempFileName();
        using var counts = new Counts();
        using (XtablesLock.Acquire(TimeSpan.Zero, path))
        {
            Assert.Equal(0, counts["netfilter.lock.wait.seconds"]);
            Assert.Throws<XtablesLockTimeoutException>(() => XtablesLock.Acquire(TimeSpan.FromMilliseconds(250), path));
        }

        File.Delete(path);
        Assert.InRange(counts["netfilter.lock.wait.seconds"], 0.25, 20);
    }

    /// <summary>Sums of what this thread counts: other tests run beside this one.</summary>
    private sealed class Counts : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, double> _sums = [];
        private readonly int _thread = Environment.CurrentManagedThreadId;

        public Counts()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == NetfilterMetrics.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
            _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
            _listener.Start();
        }

        public double this[string name] => _sums.GetValueOrDefault(name);

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value)
        {
            if (Environment.CurrentManagedThreadId == _thread)
            {
                _sums[instrument.Name] = this[instrument.Name] + value;
            }
        }
    }
}

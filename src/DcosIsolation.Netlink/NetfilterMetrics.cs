using System.Diagnostics.Metrics;

namespace DcosIsolation.Netlink;

/// <summary>
/// What the library counts for whoever listens to its meter. Each count is one step per message or commit, and next to nothing while nobody
/// listens. Thread-safe.
/// </summary>
public static class NetfilterMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "DcosIsolation.Netlink";

    private static readonly Meter s_meter = new(MeterName);

    private static readonly Counter<long> s_sent = s_meter.CreateCounter<long>(
        "netfilter.netlink.sent.messages", "{message}", "Netlink requests sent to the kernel.");

    private static readonly Counter<long> s_sentBytes = s_meter.CreateCounter<long>(
        "netfilter.netlink.sent.bytes", "By", "Bytes of netlink requests sent to the kernel.");

    private static readonly Counter<long> s_received = s_meter.CreateCounter<long>(
        "netfilter.netlink.received.datagrams", "{datagram}", "Netlink datagrams received from the kernel.");

    private static readonly Counter<long> s_receivedBytes = s_meter.CreateCounter<long>(
        "netfilter.netlink.received.bytes", "By", "Bytes of netlink datagrams received from the kernel.");

    private static readonly Counter<long> s_commits = s_meter.CreateCounter<long>(
        "netfilter.table.commits", "{commit}", "Tables of rules written to the kernel.");

    private static readonly Counter<long> s_added = s_meter.CreateCounter<long>(
        "netfilter.set.entries.added", "{entry}", "Entries that the kernel was told to add to sets, and did or had already.");

    private static readonly Counter<long> s_deleted = s_meter.CreateCounter<long>(
        "netfilter.set.entries.deleted", "{entry}", "Entries that the kernel was told to delete from sets, and did or had not.");

    private static readonly Counter<double> s_lockWait = s_meter.CreateCounter<double>(
        "netfilter.lock.wait.seconds", "s", "Time spent waiting for the xtables lock, whether it was had in the end or not.");

    private static readonly Counter<long> s_errors = s_meter.CreateCounter<long>(
        "netfilter.kernel.errors", "{error}",
        "Errors of the kernel that became exceptions, by its code; those that a caller then took as an answer are among them.");

    internal static void Sent(int bytes)
    {
        s_sent.Add(1);
        s_sentBytes.Add(bytes);
    }

    internal static void Received(int bytes)
    {
        s_received.Add(1);
        s_receivedBytes.Add(bytes);
    }

    internal static void Committed() => s_commits.Add(1);

    /// <summary>Counts the entries of a request that the kernel carried out.</summary>
    internal static void Edited(bool isAdd, int entries) => (isAdd ? s_added : s_deleted).Add(entries);

    internal static void WaitedForLock(TimeSpan wait) => s_lockWait.Add(wait.TotalSeconds);

    /// <summary>Counts an error that is thrown; 0 is none of the kernel's.</summary>
    internal static void Failed(int error)
    {
        if (error != 0 && s_errors.Enabled)
        {
            s_errors.Add(1, new KeyValuePair<string, object?>("code", ErrnoText.NameOf(error)));
        }
    }
}

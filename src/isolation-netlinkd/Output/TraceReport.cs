using System.Globalization;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What <c>trace</c> prints: while it runs, where to read; when it is over, how much there was.</summary>
internal sealed record TraceReport(IReadOnlyList<TracedPair> Pairs, BoundLogger Logger)
{
    private Family Family => Pairs[0].Source.Family;

    /// <summary>What whoever started the trace needs while it runs.</summary>
    public void WriteGuide(Action<string> line, TimeSpan time)
    {
        string pairs = string.Join(" and ", Pairs.Select(pair => $"{pair.Source} to {pair.Destination}"));
        line(string.Create(CultureInfo.InvariantCulture, $"tracing {pairs} for {time.TotalSeconds:0} s; Ctrl-C ends it earlier"));
        if (Where is { } where)
        {
            line($"read it {where}");
            line("TRACE: filter:dcos-isolation:rule:3 is rule 3 of the chain dcos-isolation; policy and return are the end of a chain");
        }
    }

    /// <summary>Why there will be little to read, or null.</summary>
    public string? Warning => Logger switch
    {
        { Name: null } => $"no logger is bound to {FamilyText.Name(Family)} here, so nothing is logged; bind one: modprobe nf_log_syslog; "
            + $"sysctl net.netfilter.nf_log.{BoundLogger.Number(Family)}=nf_log_ip{(Family == Family.Inet ? "v4" : "v6")}",
        { IsKernelLog: true, IsInitialNamespace: false } => "this is not the initial network namespace, from which alone the kernel's log is "
            + "written unless there net.netfilter.nf_log_all_netns is 1",
        _ => null,
    };

    private string? Where => Logger switch
    {
        { Name: null } => null,
        { IsKernelLog: true } => "in the kernel's log: journalctl -kf -g TRACE, or dmesg -w",
        { Name: "nfnetlink_log" } => "from nflog group 0: tcpdump -i nflog:0, or ulogd",
        { Name: var other } => $"where the logger {other} writes",
    };

    public void WriteText(TextWriter text)
    {
        foreach (TracedPair pair in Pairs)
        {
            string packets = Counted.Text((long)pair.Counters.Packets, "packet");
            text.WriteLine($"{packets} traced from {pair.Source} to {pair.Destination}, {pair.Counters.Bytes} bytes");
        }
    }

    public void WriteJson(JsonResult json)
    {
        json.Writer.WriteString("family", FamilyText.JsonName(Family));
        json.Writer.WriteString("logger", Logger.Name);
        json.Objects("traced", Pairs, pair =>
        {
            json.Writer.WriteString("source", pair.Source.ToString());
            json.Writer.WriteString("destination", pair.Destination.ToString());
            json.Writer.WriteNumber("packets", pair.Counters.Packets);
            json.Writer.WriteNumber("bytes", pair.Counters.Bytes);
        });
    }
}

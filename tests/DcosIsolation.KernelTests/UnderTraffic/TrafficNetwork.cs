using DcosIsolation.Lab;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>
/// A node between a sender and a receiver. The node takes packets from any source address that the sender forges, and forwards those to any
/// address of the policies' networks to the receiver, which only counts them.
/// </summary>
internal sealed class TrafficNetwork : IDisposable
{
    private readonly TestNetwork _network = new();
    private readonly string _lockFile = Path.GetTempFileName();

    /// <param name="isTracked">Whether the node tracks connections; otherwise each packet is judged without regard to earlier ones.</param>
    public TrafficNetwork(bool isTracked)
    {
        try
        {
            IsTracked = isTracked;
            Sender = _network.AddHost("sender", "198.18.0.2/24", "2001:2:0:1::2/64");
            Receiver = _network.AddHost("receiver", "198.18.1.2/24", "2001:2:0:2::2/64");
            Node.Sysctl("ipv4/conf/all/rp_filter", "0");
            Node.Sysctl("ipv4/conf/sender/rp_filter", "0");
            // To an address that is not the receiver's own, so that its IP layer has nothing to do with them; nobody is asked for it.
            Node.Configure(
                $"link set dev sender address {string.Join(':', NodeAddress.ToArray().Select(part => $"{part:x2}"))}",
                "neigh replace 198.18.1.2 lladdr 02:00:00:00:00:03 dev receiver nud permanent",
                "neigh replace 2001:2:0:2::2 lladdr 02:00:00:00:00:03 dev receiver nud permanent",
                "route add 10.0.0.0/8 via 198.18.1.2",
                "route add 203.0.113.0/24 via 198.18.1.2",
                "route add fd00::/16 via 2001:2:0:2::2",
                "route add 2001:db8::/32 via 2001:2:0:2::2");
            foreach (string program in isTracked ? [] : new[] { "iptables-legacy", "ip6tables-legacy" })
            {
                string[] noTrack = ["-t", "raw", "-A", "PREROUTING", "-j", "CT", "--notrack"];
                Node.Exec("env", [$"XTABLES_LOCKFILE={_lockFile}", program, .. noTrack]).EnsureSuccess();
            }

            if (isTracked)
            {
                // Half-open connections of so many probes would fill the kernel's table, which all namespaces share.
                Node.Sysctl("netfilter/nf_conntrack_udp_timeout", "1");
                Node.Sysctl("netfilter/nf_conntrack_tcp_timeout_syn_sent", "1");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public bool IsTracked { get; }

    /// <summary>The Ethernet address of the node's link to the sender.</summary>
    public static ReadOnlySpan<byte> NodeAddress => [2, 0, 0, 0, 0, 1];

    public NetworkNamespace Node => _network.Node;

    public TestHost Sender { get; } = null!;

    public TestHost Receiver { get; } = null!;

    /// <summary>An xtables lock that no one else takes.</summary>
    public string LockFile => _lockFile;

    /// <summary>Packets that the kernel lost on their way, without a verdict: full queues, and a full table of connections.</summary>
    public long Lost => new[] { Sender.Namespace, Node, Receiver.Namespace }.Sum(space => space.Run(LostByLinks))
        + (IsTracked ? Node.Run(LostByTracking) : 0);

    public void Dispose()
    {
        _network.Dispose();
        File.Delete(_lockFile);
    }

    // Per link: the name, then 8 numbers about receiving and 8 about sending, of each the fourth is what was dropped.
    private static long LostByLinks() => File.ReadLines("/proc/thread-self/net/dev").Skip(2)
        .Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Sum(numbers => long.Parse(numbers[3], null) + long.Parse(numbers[11], null));

    private static long LostByTracking()
    {
        string[][] lines =
        [
            .. File.ReadLines("/proc/thread-self/net/stat/nf_conntrack")
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
        ];
        int[] columns = [Array.IndexOf(lines[0], "insert_failed"), Array.IndexOf(lines[0], "drop")];
        return lines.Skip(1).Sum(line => columns.Sum(column => Convert.ToInt64(line[column], 16)));
    }
}

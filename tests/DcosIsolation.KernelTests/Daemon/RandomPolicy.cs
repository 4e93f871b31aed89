using System.Text;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>The text of random policies over the addresses of <see cref="PacketNetwork"/>, the same for the same seed.</summary>
internal static class RandomPolicy
{
    private static readonly string[] s_prefixes =
    [
        "10.1.0.0/16", "10.1.1.0/24", "10.1.2.2/32", "10.2.0.0/16", "10.2.0.0/15", "10.3.0.0/16", "203.0.113.0/24", "0.0.0.0/1",
        "fd00:1::/32", "fd00:1:0:2::/64", "fd00:2::/32", "fd00:3::/32", "fd00:2::/31", "fd00:3:0:1::2/128", "2001:db8::/32",
    ];

    private static readonly string[] s_ports =
        ["80", "81/tcp", "80-81/tcp", "1-65535/tcp", "53/udp", "1-9000/udp", "icmp", "icmpv6", "icmp/8", "icmpv6/128", "8000-8001"];

    public static string Text(int seed)
    {
        var random = new Random(seed);
        int networks = random.Next(2, 5);
        var text = new StringBuilder("version: 1\n");
        text.Append(random.Next(3) == 0 ? "default: accept\n" : "").Append("networks:\n");
        for (int i = 0; i < networks; i++)
        {
            text.Append($"  n{i}: {{subnets: [{Some(s_prefixes, 2, 4)}], internal: {(random.Next(3) == 0 ? "deny" : "allow")}}}\n");
        }

        foreach (string kind in new[] { "allow", "deny" })
        {
            text.Append(kind).Append(":\n");
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                string ports = random.Next(3) == 0 ? "" : $", ports: [{Some(s_ports, 1, 4)}]";
                (string from, string to) = Pair(Endpoint());
                text.Append($"  - {{from: {from}, to: {to}{ports}}}\n");
            }
        }

        (string source, string destination) = Pair(Limited());
        text.Append($"exceptions:\n  - [{source}, {destination}]\n");
        if (random.Next(2) == 0)
        {
            text.Append($"failsafe:\n  - {{from: [{Some(s_prefixes, 2, 4)}], ports: [{Some(s_ports, 1, 3)}]}}\n");
        }

        if (random.Next(2) == 0)
        {
            text.Append($"log-denied: {{prefix: 'denied: ', limit: 100/second{(random.Next(2) == 0 ? ", nflog-group: 7" : "")}}}\n");
        }

        return text.ToString();

        string Some(string[] of, int least, int most) =>
            string.Join(", ", random.GetItems(of, random.Next(least, most)).Distinct().Select(item => $"'{item}'"));

        // Two literal prefixes could be of two families, which is an error.
        (string, string) Pair(string one) => random.Next(2) == 0 ? (one, Network()) : (Network(), one);

        string Network() => $"n{random.Next(networks)}";

        string Limited() => random.Next(2) == 0 ? Network() : $"'{s_prefixes[random.Next(s_prefixes.Length)]}'";

        string Endpoint() => random.Next(5) == 0 ? "'*'" : Limited();
    }
}

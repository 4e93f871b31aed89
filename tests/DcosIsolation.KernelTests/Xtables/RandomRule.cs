namespace DcosIsolation.KernelTests.Xtables;

/// <summary>Rules that look like rules: extensions with options of theirs, and values that some option takes.</summary>
internal sealed class RandomRule(int seed)
{
    private static readonly string[] s_values =
    [
        "0", "1", "-1", "22", "80", "255", "256", "65535", "65536", "4294967295", "4294967296", "18446744073709551615", "0x10", "0xff/0x0f", "1:2", "2:1", ":",
        "1,2,3", "1-2", "1/2", "5/sec", "10/min", "1kb/s", "50%", "0.5", "-0.5", "NEW", "SYN", "ALL", "NONE", "SYN,ACK", "tcp", "udp", "http", "src", "dst",
        "src,dst", "10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9", "fd00::1", "fd00::/8", "fd00::1-fd00::9", "00:11:22:33:44:55", "x", "",
        "a b", "é", "%n%s", "\"", "|00 ff|", "0=0", "0=0&&4=1:2", "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0", "2026-01-01T00:00:00", "12:30", "Mon,Tue",
        "random", "nth", "bm", "kmp", "in", "out", "ipsec", "eth0", "eth+", "icmp-port-unreachable", "tcp-reset", "echo-request", "0x3/0x4", "unicast",
    ];

    private static readonly string[] s_protocols = ["tcp", "udp", "icmp", "ipv6-icmp", "sctp", "dccp", "esp", "ah", "mh", "udplite", "all", "47"];
    private static readonly string[] s_own = ["-s", "-d", "-i", "-o", "-p", "-f", "-c", "-g", "!", "-v", "-j", "-m"];

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, IReadOnlyList<string>> _options = [];

    public List<string> Next()
    {
        List<string> words = [];
        if (_random.Next(2) == 0)
        {
            words.AddRange(["-p", Any(s_protocols)]);
        }

        for (int extensions = 1 + _random.Next(3); extensions > 0; extensions--)
        {
            string name = Any(Extensions.Names);
            words.AddRange([char.IsUpper(name[0]) == (_random.Next(20) != 0) ? "-j" : "-m", name]);
            AddOptions(words, name);
        }

        if (_random.Next(8) == 0)
        {
            words.Insert(_random.Next(words.Count + 1), Any(_random.Next(2) == 0 ? s_own : s_values));
        }

        return words;
    }

    private void AddOptions(List<string> words, string name)
    {
        if (!_options.TryGetValue(name, out IReadOnlyList<string>? options))
        {
            options = Extensions.OptionsOf(name);
            _options.Add(name, options);
        }

        for (int count = options.Count == 0 ? 0 : _random.Next(4); count > 0; count--)
        {
            if (_random.Next(6) == 0)
            {
                words.Add("!");
            }

            words.Add("--" + Any(options));
            for (int values = _random.Next(8) switch { 0 => 0, 1 => 2, _ => 1 }; values > 0; values--)
            {
                words.Add(Any(s_values));
            }
        }
    }

    private string Any(IReadOnlyList<string> of) => of[_random.Next(of.Count)];
}

using DcosIsolation.KernelTests.Daemon;
using DcosIsolation.Policy;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>The flips under traffic, and how many there are on this kernel.</summary>
internal static class Scenarios
{
    private const string Networks = """
        deny-with: drop
        networks:
          a: {both: [10.1.0.0/16]}
          b: {both: [10.2.0.0/16]}
          c: {both: [10.3.0.0/16]}
          d: {both: [10.4.0.0/16]}

        """;

    // Many more flips where the networks stay: to make and destroy a set takes the kernel some milliseconds.
    private const double Cheap = 4;

    private static readonly (int Flips, int Probes) s_perScenario = IsSlowKernel ? (42, 6_000) : (200, 34_000);

    private static readonly int s_factor = int.Parse(Environment.GetEnvironmentVariable("TRAFFIC_FACTOR") ?? "1", null);

    /// <summary>Whether the kernel is one of the lab's, on which everything costs many times as much as on the machine's own.</summary>
    public static bool IsSlowKernel => Environment.GetEnvironmentVariable("LAB_KERNEL") is "uml" or "qemu";

    public static readonly Scenario[] All =
    [
        new(
            "a pair moves from every protocol to some ports, another the other way",
            Networks + "allow: [{from: a, to: b}, {from: c, to: d, ports: [80, 53/udp]}]",
            Networks + "allow: [{from: a, to: b, ports: [80, 53/udp]}, {from: c, to: d}]") { Flips = Cheap },
        new(
            "the same with connections tracked",
            Networks + "allow: [{from: a, to: b}, {from: c, to: d, ports: [80, 53/udp]}]",
            Networks + "allow: [{from: a, to: b, ports: [80, 53/udp]}, {from: c, to: d}]") { IsTracked = true, Flips = Cheap },
        Products("a product of 100 entries becomes another", 10, 9),
        Products("a product of 1,024 entries becomes a rule over sets", 32, 100),
        new(
            "ports that are entries become a rule",
            Networks + "allow: [{from: a, to: b, ports: [80, 53/udp]}]",
            Networks + "allow: [{from: a, to: b, ports: [1-80, 1-2000/udp]}]") { Flips = Cheap },
        new(
            "failsafe and a log come and go, and with them exceptions leave the jump",
            Networks + "allow: [{from: a, to: b, ports: [80]}]\nexceptions: [[10.1.1.0/24, c], [d, a]]",
            Networks + """
                allow: [{from: a, to: b, ports: [80]}]
                exceptions: [[10.1.1.0/24, c], [d, a]]
                failsafe: [{from: [10.1.1.0/24, 'fd00:1:1::/48'], ports: [80, 53/udp]}]
                log-denied: {nflog-group: 7}
                """) { Flips = Cheap },
        OneSet("entries come and go", 10, i => i % 10 == 0, replaced: false),
        OneSet("entries come and go", 1_000, i => i % 10 == 0, replaced: false) with { Flips = 0.5 },
        // Too few to be changed in place, too many for entries of pairs that would change as well.
        OneSet("entries come and go", 3_000, i => i % 10 == 0, replaced: false) with { Flips = 0.5, Path = SwitchPath.Swap },
        OneSet("entries come and go", 100_000, i => i % 100 == 0, replaced: false) with { Flips = 0.1, Path = SwitchPath.InPlace },
        OneSet("entries are replaced", 10, i => i % 2 == 0, replaced: true),
        OneSet("entries are replaced", 1_000, i => i % 2 == 0, replaced: true) with { Flips = 0.5 },
        OneSet("entries are replaced", 10_000, i => i % 10 == 0, replaced: true) with { Flips = 0.5, Path = SwitchPath.InPlace },
        OneSet("entries are replaced", 100_000, i => i % 2 == 0, replaced: true) with { Flips = 0.1, Path = SwitchPath.Generation },
        new(
            "two halves merge and split",
            With("10.1.0.0/16", "10.1.1.0/25, 10.1.1.128/25, 10.1.2.0/24") + "allow: [{from: a, to: b}]",
            With("10.1.0.0/16", "10.1.1.0/25, 10.1.2.0/24") + "allow: [{from: a, to: b}]")
        {
            Addresses = ["10.1.1.1", "10.1.1.129", "10.1.2.1", "10.2.1.1", "10.3.1.1"],
        },
        new(
            "a prefix grows and shrinks around another",
            With("10.1.0.0/16", "10.1.1.0/24, 10.1.3.0/24") + "allow: [{from: a, to: b}]",
            Networks + "allow: [{from: a, to: b}]"),
        new(
            "half of a network becomes a network of its own",
            With("10.1.0.0/16", "10.1.1.0/24") + "allow: [{from: a, to: b}]",
            With("10.1.0.0/16", "10.1.1.0/25")
                .Replace("networks:", "networks:\n  e: {both: [10.1.1.128/25]}", StringComparison.Ordinal)
                + "allow: [{from: [a, e], to: b}]")
        {
            Addresses = ["10.1.1.1", "10.1.1.129", "10.2.1.1", "10.3.1.1"],
        },
        new(
            "addresses move from one network to another",
            Moving("10.1.1.0/24, 10.1.2.0/24", "10.2.1.0/24"),
            Moving("10.1.1.0/24", "10.2.1.0/24, 10.1.2.0/24")),
        new(
            "a network leaves and comes back",
            Networks + "allow: [{from: a, to: b}, {from: c, to: '*', ports: [80]}, {from: '*', to: c, ports: [80]}]",
            With("  c: {both: [10.3.0.0/16]}\n", "") + "allow: [{from: a, to: b}]"),
        new("the ninth network flattens the list of networks", Many(8), Many(9))
        {
            Addresses = ["10.1.1.1", "10.2.1.1", "10.3.1.1", "10.4.1.1", "10.9.1.1", "203.0.113.1"],
        },
        new(
            "a family leaves and comes back",
            Networks + "allow: [{from: a, to: b}]",
            With("both: [", "subnets: [") + "allow: [{from: a, to: b}]"),
        new(
            "the default is to deny, or to accept with explicit denials",
            Networks + "allow: [{from: a, to: b}, {from: c, to: d, ports: [80]}]",
            "default: accept\n" + Networks
                + "deny: [{from: b, to: '*', ports: [tcp]}, {from: c, to: [a, b, d], ports: [81, udp]}]") { Flips = Cheap },
        new(
            "the same with connections tracked, by default",
            Networks + "allow: [{from: a, to: b}, {from: c, to: d, ports: [80]}]",
            "default: accept\n" + Networks
                + "deny: [{from: b, to: '*', ports: [tcp]}, {from: c, to: [a, b, d], ports: [81, udp]}]")
        {
            IsTracked = true, Flips = Cheap,
        },
        new(
            "a denial moves from every protocol to some ports",
            Networks + "deny: [{from: a, to: b}, {from: c, to: d, ports: [81, 9/udp]}]\nallow: [{from: '*', to: '*'}]",
            Networks + "deny: [{from: a, to: b, ports: [81, 9/udp]}, {from: c, to: d}]\nallow: [{from: '*', to: '*'}]") { Flips = Cheap },
        new(
            "exceptions move",
            Networks + "exceptions: [[a, b], [10.3.1.0/24, d], ['fd00:3:1::/48', d]]\ndeny: [{from: c, to: d}]",
            Networks + "exceptions: [[a, b], [b, c]]\ndeny: [{from: [c, a], to: [d, b]}]") { Flips = Cheap },
        new(
            "refusals are told, or not",
            With("drop", "reject") + "allow: [{from: a, to: b, ports: [80]}]",
            Networks + "allow: [{from: a, to: b, ports: [80, 53/udp]}]") { Flips = Cheap },
        new(
            "an address in two networks, one of which denies its inside",
            With("10.2.0.0/16]", "10.2.0.0/16, 10.1.1.0/24], internal: deny") + "allow: [{from: a, to: c}]",
            With("10.2.0.0/16]", "10.2.0.0/16, 10.1.1.0/24]") + "allow: [{from: a, to: c}]"),
        .. Enumerable.Range(1, 8).Select(seed =>
            new Scenario($"random policies {seed}", Randomly(2 * seed), Randomly((2 * seed) + 1)) { Flips = 0.5 }),
    ];

    /// <summary>A network of many prefixes, alone in its change: the flip that a naive apply makes by one flush.</summary>
    public static Scenario OneSetOfThousand => All.Single(scenario => scenario.Name == "one set of 1,000: entries are replaced");

    /// <summary>The flip that takes two sets at once.</summary>
    public static Scenario MovingAddresses => All.Single(scenario => scenario.Name == "addresses move from one network to another");

    /// <summary>The same, where pairs are entries.</summary>
    public static Scenario MovingPair => All[0];

    /// <summary>The same, with refusals that are told, so that nobody waits for what is dropped.</summary>
    public static Scenario RealHosts => MovingPair with
    {
        Before = MovingPair.Before.Replace("drop", "reject", StringComparison.Ordinal),
        After = MovingPair.After.Replace("drop", "reject", StringComparison.Ordinal),
    };

    /// <summary>The flips that a scenario makes at least.</summary>
    public static int FlipsOf(Scenario scenario) => (int)(s_perScenario.Flips * scenario.Flips) * s_factor;

    /// <summary>The probes that it sends at least.</summary>
    public static int Probes => s_perScenario.Probes * s_factor;

    // Prefixes of a that are always there hold 10.1.1.1, one that comes and goes 10.1.2.1.
    private static Scenario Products(string name, int before, int after) => new(name, Product(before), Product(after))
    {
        Addresses = ["10.1.1.1", $"10.1.{Math.Max(before, after) - 1}.1", "10.2.1.1", "10.2.2.1", "10.3.1.1"],
    };

    private static string Product(int prefixes) =>
        Networks.Replace("10.1.0.0/16", List(prefixes, i => $"10.1.{i}.0/25"), StringComparison.Ordinal)
            .Replace("10.2.0.0/16", List(32, i => $"10.2.{i}.0/25"), StringComparison.Ordinal)
        + "allow: [{from: a, to: b, ports: [80]}]";

    /// <summary>One network of many prefixes, too far apart to be merged, of which some change.</summary>
    private static Scenario OneSet(string what, int count, Func<int, bool> changes, bool replaced)
    {
        // In one family only where there are very many, which is as many as in both.
        string key = count > 10_000 ? "subnets" : "both";
        return new($"one set of {count:N0}: {what}", Text(isAfter: false), Text(isAfter: true))
        {
            // In the second entry and in the last, which are always there; in the first; and in what comes in its place.
            Addresses = ["10.128.0.33", Block(count - 1, 1), "10.128.0.1", "10.128.0.17", "10.2.1.1", "10.3.1.1"],
        };

        string Text(bool isAfter)
        {
            IEnumerable<string> entries = Enumerable.Range(0, count).Where(i => isAfter || replaced || !changes(i))
                .Select(i => Block(i, isAfter && replaced && changes(i) ? 16 : 0) + "/28");
            return Networks.Replace("both: [10.1.0.0/16]", $"{key}: [{string.Join(", ", entries)}]", StringComparison.Ordinal)
                + "allow: [{from: a, to: b}]";
        }

        // 32 addresses for each entry, which has half of them.
        static string Block(int i, int offset) => $"10.{128 + (i >> 11)}.{(i >> 3) & 255}.{((i & 7) << 5) + offset}";
    }

    private static string With(string part, string other) => Networks.Replace(part, other, StringComparison.Ordinal);

    private static string Moving(string a, string b) => $$"""
        deny-with: drop
        networks:
          a: {both: [{{a}}]}
          b: {both: [{{b}}]}
          c: {both: [10.3.0.0/16]}
          d: {both: [10.4.0.0/16]}
        allow: [{from: [a, b], to: c, ports: [80]}, {from: a, to: c, ports: [53/udp]}]

        """;

    private static string Many(int networks) =>
        "deny-with: drop\nnetworks:\n"
        + string.Concat(Enumerable.Range(1, networks).Select(i => $"  n{i}: {{both: [10.{i}.0.0/16]}}\n"))
        + "allow: [{from: n1, to: n2}, {from: n1, to: '*', ports: [80]}]";

    private static string Randomly(int seed) => RandomPolicy.Text(seed)["version: 1\n".Length..];

    private static string List(int count, Func<int, string> item) => string.Join(", ", Enumerable.Range(0, count).Select(item));
}

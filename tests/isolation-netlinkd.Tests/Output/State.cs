using System.Net;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Tests.Output;

/// <summary>Kernel states to report on.</summary>
internal static class State
{
    public const string LongName = "accounting-and-controlling";

    public static string LongLabel { get; } = KernelNames.LabelOf(LongName, new HashSet<string>());

    /// <summary>Two networks, one with a long name, in IPv4; the first in IPv6 too. One set holds what nobody knows.</summary>
    public static LiveState InForce()
    {
        string longSet = KernelNames.NetworkSet(LongLabel, Family.Inet);
        LiveSet[] sets =
        [
            Live(new NetSet("dcos-net-hr", Family.Inet, [Net("192.168.0.0", 16)]), 65536),
            Live(new NetSet(longSet, Family.Inet, [Net("10.1.0.0", 16), Net("10.3.0.0", 16)]), 65536),
            Live(new ListSet("dcos-overlays", Family.Inet, [new("dcos-net-hr", "hr"), new(longSet, LongName)]), 0),
            Live(new NetSet("dcos-net-hr6+", Family.Inet6, [Net("fd00:1::", 64)]), 65536),
            Live(new ListSet("dcos-overlays6", Family.Inet6, [new("dcos-net-hr6+", "hr")]), 0),
            new("dcos-exceptions", "hash:net,net", null, 1, 1024, 77),
        ];
        return new LiveState([.. sets], [Table(Family.Inet, "dcos-overlays"), Table(Family.Inet6, "dcos-overlays6")]);
    }

    public static LiveState Nothing { get; } = new([], [Absent(Family.Inet), Absent(Family.Inet6)]);

    public static Prefix Net(string address, int length) => Prefix.From(IPAddress.Parse(address), length);

    private static LiveSet Live(SetSpec content, uint maxElem) =>
        new(content.Name, content.TypeName, content, 1, maxElem, 100 + content.Count);

    private static LiveFamily Absent(Family family) => new(family, HasChain: false, [], [], [], null);

    private static LiveFamily Table(Family family, string overlays)
    {
        var jump = new Rule
        {
            Sets = [new SetMatch(overlays, SetDirections.Source), new SetMatch(overlays, SetDirections.Destination)],
            Target = RuleTarget.JumpToIsolation,
        };
        var last = new Rule { Comment = "policy d1", Target = RuleTarget.Reject };
        return new LiveFamily(
            family,
            HasChain: true,
            [new LiveRule(null, "-p gre -j ACCEPT", 0, 0), new LiveRule(last, last.ToString(), 4, 320)],
            [new LiveJump(0, new LiveRule(jump, jump.ToString(), 12, 1000))],
            [],
            new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    }
}

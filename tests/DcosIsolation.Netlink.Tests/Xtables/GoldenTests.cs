using System.Net;
using System.Text;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Xtables;

/// <summary>Every rule of the golden files, as iptables was told it and as we say it.</summary>
public class GoldenTests
{
    private static readonly VerdictTarget s_drop = new(XtablesVerdict.Drop);

    public static TheoryData<int> Indexes() => [.. Enumerable.Range(0, GoldenRule.All.Count)];

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Encoding_gives_the_bytes_that_iptables_gives(int index)
    {
        GoldenRule golden = GoldenRule.All[index];
        byte[] encoded = EntryCodec.Encode(golden.Family, Rule(golden.Family, index % (GoldenRule.All.Count / 2)));
        AssertBytes.Equal(EntryCodec.Normalize(golden.Family, golden.Entry, golden.Target), encoded, golden.Command);
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Decoding_gives_the_rule_that_iptables_was_told(int index)
    {
        GoldenRule golden = GoldenRule.All[index];
        byte[] normalized = EntryCodec.Normalize(golden.Family, golden.Entry, golden.Target);
        Assert.Equal(
            Rule(golden.Family, index % (GoldenRule.All.Count / 2)), EntryCodec.TryDecode(golden.Family, normalized, golden.IsStandard));
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Normalizing_touches_only_the_kernels_mark_and_a_standard_targets_name_and_verdict(int index)
    {
        GoldenRule golden = GoldenRule.All[index];
        byte[] expected = [.. golden.Entry];
        const int Ipv4Comefrom = 92;
        const int Ipv6Comefrom = 144;
        expected.AsSpan(golden.Family == NetfilterFamily.Inet ? Ipv4Comefrom : Ipv6Comefrom, 4).Clear();
        if (golden.IsStandard)
        {
            Span<byte> target = expected.AsSpan(expected.Length - 40);
            target[2..].Clear();
            Encoding.ASCII.GetBytes(golden.Target, target[2..]);
        }

        AssertBytes.Equal(expected, EntryCodec.Normalize(golden.Family, golden.Entry, golden.Target), golden.Command);
    }

    /// <summary>The rules of Golden/capture.sh, in its order.</summary>
    private static XtablesRule Rule(NetfilterFamily family, int index)
    {
        bool isIpv4 = family == NetfilterFamily.Inet;
        var prefix = IPNetwork.Parse(isIpv4 ? "10.1.0.0/16" : "fd01::/16");
        var host = IPNetwork.Parse(isIpv4 ? "10.1.2.3/32" : "fd01::2:3/128");
        var odd = IPNetwork.Parse(isIpv4 ? "172.16.0.0/13" : "fd80:8000::/33");
        byte icmp = isIpv4 ? (byte)1 : (byte)58;
        const ushort Net = 259;
        const ushort NetNet = 260;
        const ushort NetPortNet = 261;
        return index switch
        {
            0 => new() { Target = s_drop },
            1 => new() { Target = new VerdictTarget(XtablesVerdict.Accept) },
            2 => new() { Target = new VerdictTarget(XtablesVerdict.Return) },
            3 => new() { Target = new RejectTarget() },
            4 => new() { Target = new JumpTarget("elsewhere") },
            5 => new() { Source = prefix, Target = s_drop },
            6 => new() { Destination = host, Target = s_drop },
            7 => new() { Source = odd, Destination = prefix, Target = s_drop },
            8 => new() { Protocol = 6, Target = s_drop },
            9 => Matching(new SetMatch(Net, SetDirections.Source)),
            10 => Matching(new SetMatch(Net, SetDirections.Destination)),
            11 => Matching(new SetMatch(NetNet, SetDirections.SourceDestination, Negated: true)),
            12 => Matching(new SetMatch(NetPortNet, SetDirections.SourceDestinationDestination)),
            13 => new()
            {
                Matches = [new ConntrackStateMatch(ConntrackStates.Related | ConntrackStates.Established)],
                Target = new VerdictTarget(XtablesVerdict.Return),
            },
            14 => new()
            {
                Matches =
                [
                    new ConntrackStateMatch(
                        ConntrackStates.Invalid | ConntrackStates.New | ConntrackStates.Untracked | ConntrackStates.SourceNat
                            | ConntrackStates.DestinationNat,
                        Negated: true),
                ],
                Target = new VerdictTarget(XtablesVerdict.Return),
            },
            15 => Matching(new CommentMatch("policy 0123456789abcdef")),
            16 => new()
            {
                Protocol = 6,
                Matches = [new MultiportMatch([new(22, 22), new(80, 80), new(8000, 8010), new(443, 443)])],
                Target = s_drop,
            },
            17 => new()
            {
                Protocol = 17,
                Matches = [new MultiportMatch([.. Enumerable.Range(1, 14).Append(65535).Select(Port)], Negated: true)],
                Target = s_drop,
            },
            18 => new() { Protocol = icmp, Matches = [new IcmpMatch(isIpv4 ? (byte)8 : (byte)128)], Target = s_drop },
            19 => new() { Protocol = icmp, Matches = [new IcmpMatch(isIpv4 ? (byte)3 : (byte)1, 4)], Target = s_drop },
            20 => new()
            {
                Source = prefix,
                Protocol = 6,
                Matches =
                [
                    new MultiportMatch([new(443, 443)]),
                    new SetMatch(Net, SetDirections.Source),
                    new SetMatch(NetPortNet, SetDirections.SourceDestinationDestination, Negated: true),
                    new CommentMatch("web"),
                ],
                Target = new RejectTarget(),
            },
            21 => new()
            {
                Protocol = 6,
                Matches = [new MultiportMatch([new(22, 22), new(8000, 8010)]) { Direction = PortDirection.Source }],
                Target = s_drop,
            },
            22 => new()
            {
                Protocol = 17,
                Matches = [new MultiportMatch([new(53, 53)], Negated: true) { Direction = PortDirection.Either }],
                Target = s_drop,
            },
            23 => new() { Matches = [new LimitMatch(1000)], Target = new LogTarget("denied: ") },
            24 => new() { Matches = [new LimitMatch(36_000_000 / 7, 9)], Target = new NflogTarget(7, "denied: ") },
            25 => new() { Target = new LogTarget("12345678901234567890123456789", 7) },
            26 => new() { Target = new LogTarget() },
            27 => new() { Target = new NflogTarget() },
            _ => throw new ArgumentOutOfRangeException(nameof(index)),
        };
    }

    private static PortRange Port(int port) => new((ushort)port, (ushort)port);

    private static XtablesRule Matching(XtablesMatch match) => new() { Matches = [match], Target = s_drop };
}

using System.Collections.Immutable;
using CsCheck;

namespace DcosIsolation.Policy.Tests;

/// <summary>Small random policies and packets over a handful of addresses, so that they meet often.</summary>
internal static class PolicyGen
{
    private static readonly string[] s_names = ["a", "b", "b6", "c", "d", "e", "f", "g", "h", "a-network-with-a-very-long-name"];

    // Some ports lie side by side, and some ICMP types carry several codes.
    private static readonly string[] s_services =
    [
        "80/tcp", "81/tcp", "0-65535/tcp", "79-82/tcp", "53/udp", "50-2000/udp", "0-65535/udp", "7/sctp", "9/udplite", "0/tcp",
        "icmp", "icmp/8", "icmp/8/0", "icmp/3/1", "icmp/0", "icmpv6", "icmpv6/128", "icmpv6/128/0", "icmpv6/1/4", "icmpv6/255",
    ];

    private static readonly (byte Protocol, ushort Port)[] s_carried =
    [
        (6, 80), (6, 81), (6, 79), (6, 0), (6, 9999), (17, 53), (17, 1999), (17, 80), (132, 7), (132, 80), (136, 9), (47, 0),
        (1, 8 << 8), (1, (8 << 8) | 1), (1, (3 << 8) | 1), (1, 0),
        (58, 128 << 8), (58, (128 << 8) | 1), (58, (1 << 8) | 4), (58, 255 << 8), (58, 80),
    ];

    public static readonly Gen<Prefix> Prefixes = Gen.Select(Gen.Int[0, 7], Gen.Int[1, 4], Gen.Bool, (value, length, isInet6) =>
        new Prefix(isInet6 ? Family.Inet6 : Family.Inet, (UInt128)value << (128 - 3), Math.Min(length, 3) + (length == 4 ? 20 : 0)));

    public static readonly Gen<Service> Services = OneOf(s_services).Select(PolicyBuilder.Service);

    public static readonly Gen<Packet> Packets = Gen.Select(
        Gen.Bool, Gen.Int[0, 15], Gen.Int[0, 15], OneOf(s_carried), OneOf(s_carried), Gen.Int[0, 9],
        (isInet6, source, destination, carried, from, luck) =>
            new Packet(
                isInet6 ? Family.Inet6 : Family.Inet,
                Address(source),
                Address(destination),
                carried.Protocol,
                carried.Port,
                luck <= 1)
            {
                SourcePort = carried.Protocol is 1 or 58 ? (ushort)0 : from.Port,
            });

    public static readonly Gen<IsolationPolicy> Policies =
        from networks in Networks(4)
        from policy in Over(networks)
        select policy;

    /// <summary>Policies with more networks than the jump scans as a list.</summary>
    public static readonly Gen<IsolationPolicy> WidePolicies =
        from networks in Networks(10)
        from policy in Over(networks)
        select policy;

    private static Gen<ImmutableArray<Network>> Networks(int most) =>
        from count in Gen.Int[1, most]
        from prefixes in PrefixUnionGen.Array[count]
        from isAllowed in Gen.Bool.Array[count]
        select ImmutableArray.CreateRange(
            Enumerable.Range(0, count)
                .Select(i => new Network(s_names[i], prefixes[i], isAllowed[i], default))
                .OrderBy(network => network.Name, StringComparer.Ordinal));

    private static Gen<ImmutableArray<Prefix>> PrefixUnionGen =>
        Prefixes.Array[1, 3].Select(prefixes => Reduce(prefixes));

    /// <summary>Policies over given networks.</summary>
    public static Gen<IsolationPolicy> Over(ImmutableArray<Network> networks)
    {
        Gen<Endpoint> named = Gen.Int[0, networks.Length - 1].Select(i => Endpoint.Of(networks[i].Name));
        Gen<Endpoint> literal = Gen.Select(Prefixes, Gen.Int[0, 9], (prefix, luck) =>
            Endpoint.Of(luck == 0 ? new Prefix(prefix.Family, 0, 0) : prefix));
        Gen<Endpoint> limited = Gen.Frequency((3, named), (1, literal));
        Gen<Endpoint> endpoint = Gen.Frequency((4, named), (2, literal), (1, Gen.Const(Endpoint.Any)));
        Gen<Clause> clause = Gen.Select(endpoint.Array[1, 2], endpoint.Array[1, 2], Services.Array[0, 4], (from, to, services) =>
            new Clause([.. from.Distinct()], [.. to.Distinct()], [.. services.Distinct().Order()], default));
        Gen<ExceptionPair> exception =
            Gen.Select(limited, limited, (source, destination) => new ExceptionPair(source, destination, default));
        Gen<Prefix> every = Gen.Bool.Select(isInet6 => new Prefix(isInet6 ? Family.Inet6 : Family.Inet, 0, 0));
        Gen<Prefix> side = Gen.Frequency((9, Prefixes), (1, every));
        Gen<FailsafeItem> failsafe = Gen.Select(side.Array[1, 3], side.Array[0, 2], Services.Array[0, 3], (from, to, services) =>
            new FailsafeItem(Canonical(from), Canonical(to), ServiceCanonicalizer.Canonicalize(services), default));
        return Gen.Select(
            Gen.Enum<DefaultVerdict>(),
            Gen.Enum<DenyMode>(),
            clause.Array[0, 3],
            clause.Array[0, 3],
            exception.Array[0, 2],
            Gen.Frequency((2, Gen.Const<FailsafeItem[]>([])), (1, failsafe.Array[1, 2])),
            Gen.Frequency((2, Gen.Const((DeniedLog?)null)), (1, Logs)),
            Rules(networks),
            (verdict, mode, allow, deny, exceptions, failsafe, log, rules) =>
                new IsolationPolicy(verdict, mode, networks, [.. allow], [.. deny], [.. exceptions])
                {
                    Failsafe = [.. failsafe],
                    LogDenied = log,
                    Rules = rules,
                });
    }

    /// <summary>Mostly none; a rule in text is for one family when it has a prefix.</summary>
    private static Gen<OperatorRules> Rules(ImmutableArray<Network> networks)
    {
        Gen<NetworkMatch> match = Gen.Select(Gen.Int[0, networks.Length - 1], Gen.Bool, Gen.Bool, (i, isSource, negated) =>
            new NetworkMatch(networks[i].Name, isSource, negated));
        Gen<OperatorRule> rule =
            from matches in Gen.Frequency((3, match.Array[0, 0]), (2, match.Array[1, 2]))
            from prefix in Prefixes
            from side in OneOf(["", "", "-s", "! -s", "-d"])
            from protocol in OneOf(["", "-p tcp", "-p tcp --dport 80", "-p udp --dport 53", "! -p tcp"])
            from target in OneOf(["-j ACCEPT", "-j DROP", "-j RETURN", "-j LOG", ""])
            let words = string.Join(' ', new[] { side.Length == 0 ? "" : $"{side} {prefix}", protocol, target }.Where(part => part.Length > 0))
            let text = new RuleText([.. matches], words, default)
            select new OperatorRule(
                side.Length > 0 && prefix.Family == Family.Inet6 ? null : text, side.Length > 0 && prefix.Family == Family.Inet ? null : text);
        return Gen.Frequency(
            (3, Gen.Const(OperatorRules.None)),
            (1, Gen.Select(rule.Array[0, 2], rule.Array[0, 2], (first, last) => new OperatorRules([.. first], [.. last]))));
    }

    private static Gen<DeniedLog?> Logs =>
        from prefix in OneOf(["", "denied: ", "word"])
        from limit in OneOf<(uint Count, uint Seconds)>([(10, 1), (3000, 1), (4, 86_400), (7, 60)])
        from isNflog in Gen.Bool
        select new DeniedLog(prefix, PacketRate.TryMake(limit.Count, limit.Seconds)!.Value, isNflog ? (ushort)7 : null);

    private static Gen<T> OneOf<T>(T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    // Half of the addresses lie outside the long prefix of their block.
    private static UInt128 Address(int value) => ((UInt128)(value >> 1) << 125) | ((UInt128)(value & 1) << 110);

    /// <summary>As the reader leaves prefixes: one of length 0 is its halves.</summary>
    private static ImmutableArray<Prefix> Canonical(Prefix[] prefixes)
    {
        Prefix[] halves = [.. prefixes.SelectMany(prefix => prefix.Length > 0
            ? [prefix]
            : new[] { new Prefix(prefix.Family, 0, 1), new Prefix(prefix.Family, UInt128.One << 127, 1) })];
        return [.. halves[..PrefixCanonicalizer.Canonicalize(halves)]];
    }

    private static ImmutableArray<Prefix> Reduce(Prefix[] prefixes)
    {
        Prefix[] distinct = [.. prefixes.Distinct()];
        return [.. distinct.Where(prefix => !distinct.Any(other => other != prefix && other.Contains(prefix))).Order()];
    }
}

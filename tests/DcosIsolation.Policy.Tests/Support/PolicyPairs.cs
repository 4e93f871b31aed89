using System.Collections.Immutable;
using CsCheck;

namespace DcosIsolation.Policy.Tests;

/// <summary>
/// Pairs of similar policies: networks of cells, four to a block, that come and go and merge; some cells in several networks. Each network has
/// an entry of each prefix length that never changes, and no packet.
/// </summary>
internal static class PolicyPairs
{
    private const int Cells = 16;

    private static readonly string[] s_names = [.. Enumerable.Range(0, 10).Select(i => $"n{i}")];

    public static readonly Gen<(IsolationPolicy Old, IsolationPolicy New)> All =
        from count in Gen.Frequency((5, Gen.Int[1, 3]), (1, Gen.Const(9)))
        from cells in Gen.Int[0, (1 << Cells) - 1].Array[count]
        from owners in Gen.Int[0, count - 1].Array[Cells]
        from overlap in Gen.Int[0, 5]
        from flips in Gen.Select(Gen.Int[0, count - 1], Gen.Int[0, Cells - 1], (network, cell) => (network, cell)).Array[0, 5]
        from isAllowed in Gen.Bool.Array[count]
        let shared = overlap == 0 ? (1 << Cells) - 1 : 0
        let old = Networks(cells, owners, shared, isAllowed)
        let now = Networks(Flip(cells, flips), owners, shared, isAllowed)
        from policy in PolicyGen.Over(old)
        from other in PolicyGen.Over(old)
        from change in Gen.Int[0, 13]
        select (policy, Changed(policy with { Networks = change is >= 5 and not 9 ? old : now }, other, change));

    public static readonly Gen<Packet> Packets =
        from packet in PolicyGen.Packets
        from source in Gen.Int[0, Cells]
        from destination in Gen.Int[0, Cells]
        select packet with { Family = Family.Inet, Source = Address(source), Destination = Address(destination) };

    /// <summary>Another policy over the same networks, or the same but for a clause or an exception.</summary>
    private static IsolationPolicy Changed(IsolationPolicy policy, IsolationPolicy other, int change) => change switch
    {
        0 => other with { Networks = policy.Networks },
        1 => policy with { Allow = [.. policy.Allow, .. other.Allow.Take(1)] },
        2 => policy with { Deny = [.. policy.Deny, .. other.Deny.Take(1)] },
        5 => policy with { Exceptions = [.. policy.Exceptions.Skip(1), .. other.Exceptions] },
        6 => policy with { Allow = [.. policy.Allow.Skip(1), .. other.Allow.Take(1)] },
        7 => policy with { Exceptions = [.. policy.Exceptions, .. other.Exceptions] },
        8 => policy with { Exceptions = [.. policy.Exceptions.Skip(1)], Allow = [.. policy.Allow.SkipLast(1)] },
        10 or 11 => policy with { Allow = [.. policy.Allow, .. other.Allow.Take(1)] },
        12 => policy with { Allow = [.. policy.Allow.SkipLast(1)] },
        13 => policy with { Deny = [.. policy.Deny, .. other.Deny.Take(1)] },
        _ => policy,
    };

    private static int[] Flip(int[] cells, (int Network, int Cell)[] flips)
    {
        int[] flipped = [.. cells];
        foreach ((int network, int cell) in flips)
        {
            flipped[network] ^= 1 << cell;
        }

        return flipped;
    }

    private static ImmutableArray<Network> Networks(int[] cells, int[] owners, int shared, bool[] isAllowed) =>
    [
        .. cells.Select((held, network) => new Network(
            s_names[network],
            Prefixes(network, Enumerable.Range(0, Cells).Where(cell => (held & (1 << cell)) != 0 && (owners[cell] == network || (shared & (1 << cell)) != 0))),
            isAllowed[network],
            default)),
    ];

    private static ImmutableArray<Prefix> Prefixes(int network, IEnumerable<int> cells)
    {
        Prefix[] prefixes =
        [
            .. cells.Select(cell => new Prefix(Family.Inet, Address(cell), 10)),
            .. new[] { 8, 9, 10 }.Select((length, i) => new Prefix(Family.Inet, (UInt128)(128 + (network * 6) + (2 * i)) << 120, length)),
        ];
        return [.. prefixes[..PrefixCanonicalizer.Canonicalize(prefixes)]];
    }

    /// <summary>An address of a cell; blocks do not touch, so that no entry is larger than a block.</summary>
    private static UInt128 Address(int cell) => ((UInt128)(1 + (2 * (cell / 4))) << 120) | ((UInt128)(cell % 4) << 118);
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>One side of a pair in one family: what a rule asks of the address, and the prefixes that a set's entries take.</summary>
/// <param name="Set">The logical name of the network's set, or null.</param>
/// <param name="Literal">The literal prefix for a rule, or null: no question at all.</param>
/// <param name="Prefixes">The prefixes, none of length 0; empty for every network.</param>
internal sealed record Side(string? Set, Prefix? Literal, ImmutableArray<Prefix> Prefixes)
{
    /// <summary>Every network: the jump to the chain has already asked.</summary>
    public static Side Any { get; } = new(null, null, []);

    public bool IsAny => Prefixes.IsEmpty;

    public static Side Of(NetSet network) => new(network.Name, null, network.Entries);

    public static Side Of(Prefix literal)
    {
        if (literal.Length > 0)
        {
            return new Side(null, literal, [literal]);
        }

        UInt128 upperHalf = UInt128.One << 127;
        return new Side(null, null, [new Prefix(literal.Family, 0, 1), new Prefix(literal.Family, upperHalf, 1)]);
    }
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>One side of a pair in one family: what a rule asks of the address, and the prefixes that a set's entries take.</summary>
/// <param name="Name">The endpoint as the policy calls it.</param>
/// <param name="Set">The logical name of the network's set, or null.</param>
/// <param name="Literal">The literal prefix for a rule, or null: no question at all.</param>
/// <param name="Prefixes">The prefixes, none of length 0; empty for every network.</param>
/// <param name="Lengths">The prefix lengths that occur: bit 0 for length 1, and so on.</param>
internal sealed record Side(string Name, string? Set, Prefix? Literal, ImmutableArray<Prefix> Prefixes, UInt128 Lengths)
{
    /// <summary>Every network: the jump to the chain has already asked.</summary>
    public static Side Any { get; } = new("*", null, null, [], 0);

    public bool IsAny => Prefixes.IsEmpty;

    public static Side Of(string name, NetSet network) => new(name, network.Name, null, network.Entries, LengthsOf(network.Entries.AsSpan()));

    public static Side Of(Prefix literal)
    {
        if (literal.Length > 0)
        {
            return new Side(literal.ToString(), null, literal, [literal], LengthsOf([literal]));
        }

        UInt128 upperHalf = UInt128.One << 127;
        ImmutableArray<Prefix> halves = [new Prefix(literal.Family, 0, 1), new Prefix(literal.Family, upperHalf, 1)];
        return new Side(literal.ToString(), null, null, halves, LengthsOf(halves.AsSpan()));
    }

    private static UInt128 LengthsOf(ReadOnlySpan<Prefix> prefixes)
    {
        UInt128 lengths = 0;
        foreach (ref readonly Prefix prefix in prefixes)
        {
            lengths |= UInt128.One << (prefix.Length - 1);
        }

        return lengths;
    }
}

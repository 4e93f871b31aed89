using System.Diagnostics.CodeAnalysis;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Which side of a packet each dimension of a set's entries is compared with: the <c>src,dst,…</c> of <c>--match-set</c>.
/// The number of dimensions must be that of the set's type. The kernel doesn't check it: with another number a list:set never matches,
/// and negated matches every packet.
/// </summary>
/// <param name="Dimensions">How many dimensions: 1 to 6 (IPSET_DIM_MAX).</param>
/// <param name="SourceBits">Bit 0 for the first dimension, bit 1 for the second, and so on: set means source, clear destination.</param>
public readonly record struct SetDirections(byte Dimensions, byte SourceBits)
{
    /// <summary><c>src</c>.</summary>
    public static SetDirections Source { get; } = new(1, 0b1);

    /// <summary><c>dst</c>.</summary>
    public static SetDirections Destination { get; } = new(1, 0b0);

    /// <summary><c>src,dst</c>.</summary>
    public static SetDirections SourceDestination { get; } = new(2, 0b01);

    /// <summary><c>src,dst,dst</c>.</summary>
    public static SetDirections SourceDestinationDestination { get; } = new(3, 0b001);

    internal bool IsValid => Dimensions is >= 1 and <= xt_set.IPSET_DIM_MAX && SourceBits >> Dimensions == 0;

    /// <summary>Reads <c>src</c> and <c>dst</c> separated by commas.</summary>
    /// <exception cref="FormatException">The text is something else, or has more than six parts.</exception>
    public static SetDirections Parse(string text) =>
        TryParse(text, out SetDirections directions)
            ? directions
            : throw new FormatException($"'{text}' is not a list of one to {xt_set.IPSET_DIM_MAX} directions, each src or dst");

    /// <summary>Reads <c>src</c> and <c>dst</c> separated by commas; false where <see cref="Parse"/> throws.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SetDirections directions)
    {
        directions = default;
        string[] parts = text?.Split(',') ?? [];
        if (parts.Length is 0 or > xt_set.IPSET_DIM_MAX || !parts.All(part => part is "src" or "dst"))
        {
            return false;
        }

        int bits = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            bits |= parts[i] == "src" ? 1 << i : 0;
        }

        directions = new((byte)parts.Length, (byte)bits);
        return true;
    }

    /// <summary>The directions as <see cref="Parse"/> reads them.</summary>
    public override string ToString()
    {
        byte bits = SourceBits;
        return string.Join(',', Enumerable.Range(0, Dimensions).Select(i => (bits >> i & 1) != 0 ? "src" : "dst"));
    }
}

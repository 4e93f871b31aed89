namespace DcosIsolation.Policy;

/// <summary>Ranges of addresses as text.</summary>
internal static class AddressText
{
    /// <summary>Stands behind a range that is not all.</summary>
    public const char More = '…';

    /// <summary>A range as a prefix where it is one, otherwise as its first and last address.</summary>
    public static string Of(Family family, UInt128 first, UInt128 last)
    {
        int length = 128 - (int)UInt128.PopCount(first ^ last);
        Prefix prefix = new(family, first, Math.Min(length, Prefix.MaxLength(family)));
        return (prefix.Bits, prefix.LastBits) == (first, last)
            ? prefix.ToString()
            : $"{Address(family, first)}-{Address(family, last)}";
    }

    private static string Address(Family family, UInt128 bits) => new Prefix(family, bits, Prefix.MaxLength(family)).Address.ToString();
}

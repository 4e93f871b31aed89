namespace DcosIsolation.Policy.Tests;

/// <summary>Cost models that leave no choice.</summary>
internal static class EncodingCosts
{
    /// <summary>Whatever entries can say becomes entries, and no list is copied.</summary>
    public static EncodingCost Entries { get; } =
        EncodingCost.Default with { CombinationNs = 0, BytesPerNs = 1e9, MaxPairEntries = long.MaxValue, CopyNs = 1e9 };

    /// <summary>Everything becomes rules, and every list is copied.</summary>
    public static EncodingCost Rules { get; } = EncodingCost.Default with { MaxPairEntries = 0, CopyNs = -1e9 };
}

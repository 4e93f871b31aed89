using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>What becomes otherwise of packets that open a connection from one network to another.</summary>
/// <param name="Family">The family; null for every family that both have.</param>
/// <param name="From">The network, before or after; null for addresses in none.</param>
/// <param name="FromAddresses">Which of its addresses; null for all.</param>
/// <param name="To">The network, before or after; null for addresses in none.</param>
/// <param name="ToAddresses">Which of its addresses; null for all.</param>
/// <param name="Services">The services, as text; null for every one.</param>
/// <param name="Before">What became of them.</param>
/// <param name="After">What will.</param>
public sealed record VerdictChange(
    Family? Family,
    string? From,
    string? FromAddresses,
    string? To,
    string? ToAddresses,
    string? Services,
    RulingVerdict Before,
    RulingVerdict After)
{
    /// <summary>The change in one sentence.</summary>
    public override string ToString()
    {
        string from = Side(From, FromAddresses);
        string to = Side(To, ToAddresses);
        string on = Services is null ? "on every protocol" : $"on {Services}";
        string family = Family is { } only ? only == Policy.Family.Inet ? " (IPv4)" : " (IPv6)" : "";
        string change = After == RulingVerdict.Passes ? $"may now reach {to} {on}"
            : Before == RulingVerdict.Passes ? $"may no longer reach {to} {on}"
            : After == RulingVerdict.Dropped ? $"is still refused by {to} {on}, silently now"
            : $"is still refused by {to} {on}, with an error now";
        return $"{from} {change}{family}";
    }

    private static string Side(string? network, string? addresses) =>
        network is null ? addresses ?? "every address"
        : addresses is null ? network
        : $"part of {network} ({addresses})";
}

/// <summary>What becomes otherwise of packets when a plan is carried out.</summary>
/// <param name="Changes">The changes.</param>
/// <param name="Notices">What begins or ends as a whole, and what cannot be told.</param>
public sealed record VerdictChanges(ImmutableArray<VerdictChange> Changes, ImmutableArray<string> Notices)
{
    /// <summary>Nothing changes.</summary>
    public static VerdictChanges None { get; } = new([], []);
}

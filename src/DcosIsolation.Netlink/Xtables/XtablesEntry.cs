using System.Collections.Immutable;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// A rule of one family as libiptc takes it: struct ipt_entry or ip6t_entry, the matches, the target. Made from an
/// <see cref="XtablesRule"/>, from text by <see cref="XtablesRuleParser"/>, or of a rule in a table. It can say what no
/// <see cref="XtablesRule"/> can. Immutable; equal when family and bytes are; safe for any number of threads.
/// </summary>
public sealed class XtablesEntry : IEquatable<XtablesEntry>
{
    private readonly byte[] _bytes;

    /// <param name="family">The family.</param>
    /// <param name="bytes">As <see cref="EntryCodec.Encode"/> and <see cref="EntryCodec.Normalize"/> make them; not copied.</param>
    /// <param name="isStandard">Whether the target is the kernel's standard one, so that its name is a verdict's or a chain's.</param>
    internal XtablesEntry(NetfilterFamily family, byte[] bytes, bool isStandard)
    {
        (Family, _bytes, IsStandard) = (family, bytes, isStandard);
    }

    /// <summary>IPv4 or IPv6.</summary>
    public NetfilterFamily Family { get; }

    /// <summary>
    /// The bytes, in the machine's byte order, addresses in the network's; counters are 0, and a verdict or a jump has its name in the
    /// target's (libiptc.c, iptcc_map_target).
    /// </summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The chain that the rule jumps or goes to, or null.</summary>
    public string? JumpsTo => IsStandard && TargetName is { Length: > 0 } name && !ChainName.IsVerdict(name) ? name : null;

    /// <summary>The rule, or null if it has anything that <see cref="XtablesRule"/> cannot say.</summary>
    public XtablesRule? Rule => EntryCodec.TryDecode(Family, _bytes, IsStandard);

    /// <summary>The indexes of the sets that the rule refers to, as often as it does.</summary>
    public IReadOnlyList<ushort> SetIndexes => EntryCodec.SetIndexes(Family, _bytes);

    internal byte[] Array => _bytes;

    internal bool IsStandard { get; }

    /// <summary>Of each match, and then of the target, how many bytes of data count when rules are compared by value; null: all.</summary>
    internal ushort[]? UserSizes { get; init; }

    /// <summary>What counts when rules are compared by value, a 0 for each byte that the kernel or a module keeps for itself; null: all.</summary>
    internal byte[]? CompareMask => UserSizes is null ? null : EntryCodec.CompareMask(Family, _bytes, UserSizes);

    /// <summary>The bytes that count, with zeros for the others.</summary>
    internal byte[] Comparable => CompareMask is { } compared ? [.. _bytes.Zip(compared, (value, mask) => (byte)(value & mask))] : _bytes;

    internal string TargetName => EntryShape.TargetName(Family, _bytes);

    /// <summary>Encodes a rule.</summary>
    /// <exception cref="ArgumentException">The rule cannot be of this family or is malformed.</exception>
    public static XtablesEntry From(NetfilterFamily family, XtablesRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        XtablesErrors.CheckFamily(family);
        return new(family, EntryCodec.Encode(family, rule), rule.Target is VerdictTarget or JumpTarget);
    }

    /// <summary>The same rule with matches put before its own.</summary>
    /// <exception cref="ArgumentException">The rule becomes longer than a rule can be, or a match is malformed.</exception>
    public XtablesEntry WithMatchesFirst(IReadOnlyList<XtablesMatch> matches)
    {
        ArgumentNullException.ThrowIfNull(matches);
        return matches.Count == 0 ? this : new(Family, EntryCodec.InsertMatches(Family, _bytes, matches), IsStandard);
    }

    /// <summary>Divides the rule: the matches <c>set</c> that it begins with, and the rule without them.</summary>
    /// <param name="isWanted">Which of them to take; at the first other match the rest begins.</param>
    public (ImmutableArray<SetMatch> Sets, XtablesEntry Remainder) SplitSetMatches(Func<SetMatch, bool> isWanted)
    {
        ArgumentNullException.ThrowIfNull(isWanted);
        ImmutableArray<SetMatch> sets = EntryCodec.LeadingSetMatches(Family, _bytes, isWanted);
        return sets.IsEmpty ? (sets, this) : (sets, new(Family, EntryCodec.RemoveMatches(Family, _bytes, sets.Length), IsStandard));
    }

    /// <summary>Whether a rule as the kernel returns it is this one under its mask.</summary>
    internal bool IsMatchedBy(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mask)
    {
        if (bytes.Length != _bytes.Length)
        {
            return false;
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            if (((bytes[i] ^ _bytes[i]) & mask[i]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Equals(XtablesEntry? other) =>
        other is not null && Family == other.Family && IsStandard == other.IsStandard && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as XtablesEntry);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The rule for people: as <see cref="XtablesTableRule.Description"/>.</summary>
    public override string ToString() => Rule?.ToString() ?? EntryCodec.Describe(Family, _bytes);
}

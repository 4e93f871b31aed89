namespace DcosIsolation.Policy;

/// <summary>Why a pair became a rule, or that it did not.</summary>
public enum EncodingReason
{
    /// <summary>Entries are the cheaper way.</summary>
    EntriesCheaper,

    /// <summary>The memory of the entries is worth more than the rule costs packets.</summary>
    Memory,

    /// <summary>The prefix lengths of the entries would cost every packet more than the rule does.</summary>
    PrefixLengths,

    /// <summary>More entries than one rule may be replaced by.</summary>
    TooManyEntries,

    /// <summary>The set would have more entries than any may have.</summary>
    SetFull,

    /// <summary>No entry can say it: every network, every ICMP type.</summary>
    NoEntry,

    /// <summary>The kernel lacks the set type.</summary>
    NoSetType,
}

/// <summary>How a pair of endpoints is told to the kernel, and what either way costs. No part of any digest.</summary>
/// <param name="Location">Where the policy says it.</param>
/// <param name="Clause">What it is: <c>allow</c>, <c>deny</c>, <c>internal</c> or <c>exception</c>.</param>
/// <param name="Family">The family.</param>
/// <param name="From">The source as the policy calls it.</param>
/// <param name="To">The destination as the policy calls it.</param>
/// <param name="Services">The services of one rule, such as <c>80/tcp,443/tcp</c>; empty for every protocol.</param>
/// <param name="Reason">Why this way.</param>
/// <param name="Entries">How many entries the pair is, or would be; 0 where no entry can say it.</param>
/// <param name="Bytes">The kernel memory that these take, or would take.</param>
/// <param name="SetLookups">How many pairs of prefix lengths the kernel tries in the set that has, or had, these entries too.</param>
/// <param name="RuleLookups">How many prefix lengths the set has that the rule asks, or would ask, first; 0 when it asks none.</param>
/// <param name="RuleNanoseconds">What the rule costs, or would cost, a packet that walks past it, in nanoseconds of the cost model.</param>
public sealed record EncodingChoice(
    SourceLocation Location,
    string Clause,
    Family Family,
    string From,
    string To,
    string Services,
    EncodingReason Reason,
    long Entries,
    long Bytes,
    int SetLookups,
    int RuleLookups,
    double RuleNanoseconds)
{
    /// <summary>Whether the pair became entries of a set; else a rule.</summary>
    public bool IsEntries => Reason == EncodingReason.EntriesCheaper;
}

/// <summary>Which set the jump to the chain asks about the addresses of every network. No part of any digest.</summary>
/// <param name="Family">The family.</param>
/// <param name="IsFlattened">Whether it is one hash:net of all prefixes; else the list:set of the networks' sets.</param>
/// <param name="Networks">How many networks the family has.</param>
/// <param name="ListNanoseconds">What the list costs every packet, in nanoseconds of the cost model; infinite where the kernel has none.</param>
/// <param name="FlattenedNanoseconds">What the flattened set costs every packet.</param>
/// <param name="FlattenedEntries">The most entries that the flattened set has, or would have.</param>
/// <param name="FlattenedBytes">The kernel memory that the flattened set takes, or would take.</param>
public sealed record OverlaysChoice(
    Family Family,
    bool IsFlattened,
    int Networks,
    double ListNanoseconds,
    double FlattenedNanoseconds,
    long FlattenedEntries,
    long FlattenedBytes);

namespace DcosIsolation.Policy;

/// <summary>
/// What an encoding costs, in nanoseconds a packet. The packet is one that opens a connection and that nothing allows, since it walks the
/// whole chain. The first six weights are measured (bench/packet-rate.md), in tables that the processor's caches hold, the others are decisions.
/// Pure; thread-safe.
/// </summary>
internal sealed record EncodingCost
{
    public static EncodingCost Default { get; } = new();

    /// <summary>To look at a rule at all.</summary>
    public double RuleNs { get; init; } = 2;

    /// <summary>To compare the ports of a rule.</summary>
    public double PortsNs { get; init; } = 25;

    /// <summary>To ask a set, before it looks at any length.</summary>
    public double MatchNs { get; init; } = 100;

    /// <summary>To look one prefix length up in a hash:net.</summary>
    public double LengthNs { get; init; } = 9;

    /// <summary>
    /// To look one pair of prefix lengths up in a hash:net,net or a hash:net,port,net: the kernel tries every length of the first
    /// dimension with every length of the second that occur anywhere in the set (mtype_test_cidrs, ip_set_hash_gen.h).
    /// </summary>
    public double CombinationNs { get; init; } = 13;

    /// <summary>To go on to the next member of a list:set, whose members are scanned.</summary>
    public double MemberNs { get; init; } = 79;

    /// <summary>
    /// The exchange rate between memory and time: so many bytes of kernel memory are worth one nanosecond of the packets that open a
    /// connection.
    /// </summary>
    public double BytesPerNs { get; init; } = 1024;

    /// <summary>The same for what every packet pays, also one of a connection that is allowed already: the jump to the chain.</summary>
    public double BytesPerNsOfEveryPacket { get; init; } = 64 * 1024;

    /// <summary>
    /// What a second copy of all prefixes must save to be worth keeping in step with the first: each change of a network is made twice.
    /// </summary>
    public double CopyNs { get; init; } = 700;

    /// <summary>The most entries of one rule's worth, whatever they would save.</summary>
    public long MaxPairEntries { get; init; } = 4096;

    /// <summary>The most entries of one set of pairs, whatever they would save.</summary>
    public long MaxEntries { get; init; } = 1 << 20;

    /// <summary>What a rule between two sides costs a packet that it does not match: most differ in the first thing that costs.</summary>
    public double OfRule(Side from, Side to, bool hasPorts) => RuleNs + (from, to) switch
    {
        ({ Literal: not null }, _) or (_, { Literal: not null }) => 0,
        ({ Set: not null }, _) => (hasPorts ? PortsNs : 0) + OfLookup(from.Lengths),
        (_, { Set: not null }) => (hasPorts ? PortsNs : 0) + OfLookup(to.Lengths),
        _ => hasPorts ? PortsNs : 0,
    };

    /// <summary>What memory is worth.</summary>
    public double OfMemory(long bytes) => bytes / BytesPerNs;

    /// <summary>
    /// What the lookups in a set cost that holds pairs of these lengths. The first is not counted: every policy has such a set, and a rule for it.
    /// </summary>
    public double OfPairs(UInt128 sources, UInt128 destinations) =>
        CombinationNs * Math.Max(0, (CountOf(sources) * CountOf(destinations)) - 1);

    /// <summary>What it costs to ask one hash:net.</summary>
    public double OfLookup(UInt128 lengths) => MatchNs + (LengthNs * CountOf(lengths));

    /// <summary>What a jump over a list:set of these members costs: a packet scans it once, for its source, or half of it for each address.</summary>
    public double OfListJump(IEnumerable<Side> members) =>
        (2 * MatchNs) + members.Sum(member => MemberNs + (LengthNs * CountOf(member.Lengths)));

    /// <summary>What a jump over one hash:net costs: a packet is looked up for both addresses.</summary>
    public double OfFlattenedJump(UInt128 lengths) => 2 * OfLookup(lengths);

    /// <summary>The kernel memory of one more entry.</summary>
    public static long BytesPerEntry(string typeName, Family family)
    {
        const int Many = 1 << 20;
        return SetMemory.BytesOf(typeName, family, Many) / Many;
    }

    /// <summary>How many prefix lengths there are.</summary>
    public static int CountOf(UInt128 lengths) => (int)UInt128.PopCount(lengths);
}

namespace DcosIsolation.Policy;

/// <summary>
/// What an encoding costs, in nanoseconds a packet. The packet is one that opens a connection and that nothing allows, since it walks the
/// whole chain. The weights are ratios measured by bench/packet-rate.sh; only their proportions matter.
/// </summary>
internal static class EncodingCost
{
    /// <summary>To look at a rule at all.</summary>
    public const double RuleNs = 10;

    /// <summary>To ask a set, before it looks at any length.</summary>
    public const double MatchNs = 15;

    /// <summary>To look one prefix length up in a hash:net.</summary>
    public const double LengthNs = 12;

    /// <summary>
    /// To look one pair of prefix lengths up in a hash:net,net or a hash:net,port,net: the kernel tries every length of the first
    /// dimension with every length of the second that occur anywhere in the set (mtype_test_cidrs, ip_set_hash_gen.h).
    /// </summary>
    public const double CombinationNs = 14;

    /// <summary>To go on to the next member of a list:set, whose members are scanned.</summary>
    public const double MemberNs = 10;

    /// <summary>
    /// The exchange rate between memory and time: so many bytes of kernel memory are worth one nanosecond of the packets that open a
    /// connection.
    /// </summary>
    public const double BytesPerNs = 1024;

    /// <summary>The same for what every packet pays, also one of a connection that is allowed already: the jump to the chain.</summary>
    public const double BytesPerNsOfEveryPacket = 64 * BytesPerNs;

    /// <summary>
    /// What a second copy of all prefixes must save to be worth keeping in step with the first: each change of a network is made twice.
    /// </summary>
    public const double CopyNs = 400;

    /// <summary>The most entries of one set of pairs, whatever they would save.</summary>
    public const long MaxEntries = 1 << 20;

    /// <summary>What a rule between two sides costs a packet that it does not match: most differ in the first thing that it asks.</summary>
    public static double OfRule(Side from, Side to) => RuleNs + (from, to) switch
    {
        ({ Literal: not null }, _) or (_, { Literal: not null }) => 0,
        ({ Set: not null }, _) => OfLookup(from.Lengths),
        (_, { Set: not null }) => OfLookup(to.Lengths),
        _ => 0,
    };

    /// <summary>What memory is worth.</summary>
    public static double OfMemory(long bytes) => bytes / BytesPerNs;

    /// <summary>
    /// What the lookups in a set cost that holds pairs of these lengths. The first is not counted: every policy has such a set, and a rule for it.
    /// </summary>
    public static double OfPairs(UInt128 sources, UInt128 destinations) =>
        CombinationNs * Math.Max(0, (CountOf(sources) * CountOf(destinations)) - 1);

    /// <summary>What it costs to ask a list:set of these members for one address that none holds.</summary>
    public static double OfList(IEnumerable<Side> members) => MatchNs + members.Sum(member => MemberNs + (LengthNs * CountOf(member.Lengths)));

    /// <summary>What it costs to ask one hash:net.</summary>
    public static double OfLookup(UInt128 lengths) => MatchNs + (LengthNs * CountOf(lengths));

    /// <summary>The kernel memory of one more entry.</summary>
    public static long BytesPerEntry(string typeName, Family family)
    {
        const int Many = 1 << 20;
        return SetMemory.BytesOf(typeName, family, Many) / Many;
    }

    public static int CountOf(UInt128 lengths) => (int)UInt128.PopCount(lengths);
}

namespace DcosIsolation.Policy;

/// <summary>
/// Chooses which of the pairs with one verdict become entries of one set. A pair's own gain is the rule that it saves less the memory of
/// its entries; but the kernel looks up every source length with every destination length of the whole set, so that pairs of the same lengths
/// are chosen together, and many may pay for lengths that none would pay for alone. Deterministic and independent of the order of the clauses;
/// the time is that of sorting.
/// </summary>
internal static class EncodingChooser
{
    /// <summary>Decides for every candidate whose entries could all be in the same set.</summary>
    /// <param name="candidates">Candidates that entries can say, of one family and set type.</param>
    /// <param name="cost">The cost model.</param>
    public static void Choose(IReadOnlyList<PairCandidate> candidates, EncodingCost cost)
    {
        List<LengthGroup> groups = GroupsOf(candidates, cost);
        UInt128 sources = 0;
        UInt128 destinations = 0;
        foreach (LengthGroup group in BestStart(groups, cost))
        {
            (group.IsTaken, sources, destinations) = (true, sources | group.Sources, destinations | group.Destinations);
        }

        TakeWhatPays(groups, cost, sources, destinations);
        TakeWhileThereIsRoom(groups.Where(group => group.IsTaken).SelectMany(group => group.Members), cost.MaxEntries);
    }

    /// <summary>What gains anything, by lengths; first comes what gains most for a lookup.</summary>
    private static List<LengthGroup> GroupsOf(IReadOnlyList<PairCandidate> candidates, EncodingCost cost)
    {
        var groups = new Dictionary<(UInt128 Sources, UInt128 Destinations), LengthGroup>();
        foreach (PairCandidate candidate in candidates)
        {
            candidate.Reason = candidate.Entries > cost.MaxPairEntries ? EncodingReason.TooManyEntries
                : candidate.Gain < 0 ? EncodingReason.Memory
                : EncodingReason.PrefixLengths;
            if (candidate.Reason != EncodingReason.PrefixLengths)
            {
                continue;
            }

            (UInt128, UInt128) lengths = (candidate.From.Lengths, candidate.To.Lengths);
            if (!groups.TryGetValue(lengths, out LengthGroup? group))
            {
                groups.Add(lengths, group = new LengthGroup(candidate.From.Lengths, candidate.To.Lengths));
            }

            group.Members.Add(candidate);
        }

        foreach (LengthGroup group in groups.Values)
        {
            // Sums of floating-point numbers depend on their order.
            group.Gain = group.Members.Select(member => member.Gain).Order().Sum();
        }

        return [.. groups.Values
            .OrderByDescending(group => group.Gain / (EncodingCost.CountOf(group.Sources) * EncodingCost.CountOf(group.Destinations)))
            .ThenBy(group => group.Sources)
            .ThenBy(group => group.Destinations)];
    }

    /// <summary>So many of the first groups as gain most together.</summary>
    private static IEnumerable<LengthGroup> BestStart(List<LengthGroup> groups, EncodingCost cost)
    {
        (int best, double bestValue, double gain) = (0, 0, 0);
        (UInt128 sources, UInt128 destinations) = (0, 0);
        for (int i = 0; i < groups.Count; i++)
        {
            (gain, sources, destinations) = (gain + groups[i].Gain, sources | groups[i].Sources, destinations | groups[i].Destinations);
            double value = gain - cost.OfPairs(sources, destinations);
            if (value > bestValue)
            {
                (best, bestValue) = (i + 1, value);
            }
        }

        return groups.Take(best);
    }

    /// <summary>Takes more groups as long as one gains more than its lengths cost; each round but the last adds a length, or ends it.</summary>
    private static void TakeWhatPays(List<LengthGroup> groups, EncodingCost cost, UInt128 sources, UInt128 destinations)
    {
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (LengthGroup group in groups.Where(group => !group.IsTaken))
            {
                (UInt128 moreSources, UInt128 moreDestinations) = (sources | group.Sources, destinations | group.Destinations);
                if (group.Gain >= cost.OfPairs(moreSources, moreDestinations) - cost.OfPairs(sources, destinations))
                {
                    changed |= (moreSources, moreDestinations) != (sources, destinations);
                    (group.IsTaken, sources, destinations) = (true, moreSources, moreDestinations);
                }
            }
        }
    }

    /// <summary>Those that gain most for an entry come first.</summary>
    private static void TakeWhileThereIsRoom(IEnumerable<PairCandidate> candidates, long room)
    {
        foreach (PairCandidate candidate in candidates
            .OrderByDescending(candidate => candidate.Gain / candidate.Entries)
            .ThenBy(candidate => candidate.From.Name, StringComparer.Ordinal)
            .ThenBy(candidate => candidate.To.Name, StringComparer.Ordinal)
            .ThenBy(candidate => candidate.ServicesText, StringComparer.Ordinal))
        {
            candidate.Reason = candidate.Entries <= room ? EncodingReason.EntriesCheaper : EncodingReason.SetFull;
            room -= candidate.Entries <= room ? candidate.Entries : 0;
        }
    }

    /// <summary>Candidates with the same prefix lengths on both sides.</summary>
    private sealed class LengthGroup(UInt128 sources, UInt128 destinations)
    {
        public UInt128 Sources => sources;

        public UInt128 Destinations => destinations;

        public List<PairCandidate> Members { get; } = [];

        public double Gain { get; set; }

        public bool IsTaken { get; set; }
    }
}

namespace DcosIsolation.Policy;

/// <summary>
/// Chooses which of the pairs with one verdict become entries of one set. A pair's own gain is the rule that it saves less the memory of
/// its entries; but the kernel looks up every source length with every destination length of the whole set, so that the lengths are chosen
/// first: beginning with all, the one is given up that costs more than its pairs gain, until there is none. Deterministic and independent of
/// the order of the clauses.
/// </summary>
internal static class EncodingChooser
{
    /// <summary>Decides for every candidate whose entries could all be in the same set.</summary>
    /// <param name="candidates">Candidates that entries can say, of one family and set type.</param>
    /// <param name="bytesPerEntry">The kernel memory of an entry.</param>
    public static void Choose(IReadOnlyList<PairCandidate> candidates, long bytesPerEntry)
    {
        var groups = new Dictionary<(UInt128 Sources, UInt128 Destinations), double>();
        foreach (PairCandidate candidate in candidates)
        {
            candidate.Bytes = candidate.Entries * bytesPerEntry;
            candidate.Reason = candidate.Gain < 0 ? EncodingReason.Memory : EncodingReason.PrefixLengths;
            if (candidate.Reason != EncodingReason.Memory)
            {
                (UInt128, UInt128) lengths = (candidate.From.Lengths, candidate.To.Lengths);
                groups[lengths] = groups.GetValueOrDefault(lengths) + candidate.Gain;
            }
        }

        (UInt128 sources, UInt128 destinations) = ChooseLengths(groups);
        TakeWhileThereIsRoom(candidates.Where(candidate =>
            candidate.Reason == EncodingReason.PrefixLengths
            && IsWithin(candidate.From.Lengths, sources)
            && IsWithin(candidate.To.Lengths, destinations)));
    }

    private static (UInt128 Sources, UInt128 Destinations) ChooseLengths(Dictionary<(UInt128 Sources, UInt128 Destinations), double> groups)
    {
        (UInt128 Sources, UInt128 Destinations) chosen = (UInt128.MaxValue, UInt128.MaxValue);
        double value = ValueOf(groups, ref chosen);
        while (true)
        {
            (UInt128 Sources, UInt128 Destinations) best = chosen;
            double bestValue = value;
            for (int bit = 0; bit < 128; bit++)
            {
                UInt128 others = ~(UInt128.One << bit);
                foreach ((UInt128 Sources, UInt128 Destinations) fewer in (ReadOnlySpan<(UInt128, UInt128)>)
                    [(chosen.Sources & others, chosen.Destinations), (chosen.Sources, chosen.Destinations & others)])
                {
                    (UInt128, UInt128) candidate = fewer;
                    if (fewer != chosen && ValueOf(groups, ref candidate) is var without && without > bestValue)
                    {
                        (best, bestValue) = (candidate, without);
                    }
                }
            }

            if (best == chosen)
            {
                return chosen;
            }

            (chosen, value) = (best, bestValue);
        }
    }

    /// <summary>What a set gains that holds every group within some lengths; the lengths shrink to those that these groups have.</summary>
    private static double ValueOf(
        Dictionary<(UInt128 Sources, UInt128 Destinations), double> groups, ref (UInt128 Sources, UInt128 Destinations) lengths)
    {
        double gain = 0;
        UInt128 sources = 0;
        UInt128 destinations = 0;
        foreach (((UInt128 Sources, UInt128 Destinations) group, double worth) in groups)
        {
            if (IsWithin(group.Sources, lengths.Sources) && IsWithin(group.Destinations, lengths.Destinations))
            {
                gain += worth;
                sources |= group.Sources;
                destinations |= group.Destinations;
            }
        }

        lengths = (sources, destinations);
        return gain - EncodingCost.OfPairs(sources, destinations);
    }

    /// <summary>Those that gain most for an entry come first.</summary>
    private static void TakeWhileThereIsRoom(IEnumerable<PairCandidate> candidates)
    {
        long room = EncodingCost.MaxEntries;
        foreach (PairCandidate candidate in candidates
            .OrderByDescending(candidate => candidate.Gain / candidate.Entries)
            .ThenBy(candidate => candidate.From.Name, StringComparer.Ordinal)
            .ThenBy(candidate => candidate.To.Name, StringComparer.Ordinal))
        {
            candidate.Reason = candidate.Entries <= room ? EncodingReason.EntriesCheaper : EncodingReason.SetFull;
            room -= candidate.Entries <= room ? candidate.Entries : 0;
        }
    }

    private static bool IsWithin(UInt128 lengths, UInt128 others) => (lengths & ~others) == 0;
}

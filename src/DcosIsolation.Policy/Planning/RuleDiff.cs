using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// Pairs a chain's rules in force with the desired ones that mean the same, and tells the differences in the order of the chain.
/// </summary>
internal sealed class RuleDiff
{
    private readonly ImmutableArray<LiveRule> _live;
    private readonly ImmutableArray<Rule> _desired;
    private readonly int[] _partners;

    /// <param name="live">The rules in force.</param>
    /// <param name="desired">The desired rules, with the kernel's set names.</param>
    public RuleDiff(ImmutableArray<LiveRule> live, ImmutableArray<Rule> desired)
    {
        (_live, _desired) = (live, desired);
        var byMeaning = new Dictionary<string, Queue<int>>(StringComparer.Ordinal);
        for (int i = 0; i < live.Length; i++)
        {
            if (live[i].Rule is { } rule)
            {
                if (!byMeaning.TryGetValue(rule.Meaning, out Queue<int>? indexes))
                {
                    byMeaning.Add(rule.Meaning, indexes = new Queue<int>());
                }

                indexes.Enqueue(i);
            }
        }

        _partners = new int[desired.Length];
        for (int i = 0; i < desired.Length; i++)
        {
            byMeaning.TryGetValue(desired[i].Meaning, out Queue<int>? indexes);
            _partners[i] = indexes is not null && indexes.TryDequeue(out int index) ? index : -1;
        }
    }

    /// <summary>The rule in force with the meaning of the desired one at <paramref name="index"/>, or null.</summary>
    public LiveRule? PartnerOf(int index) => _partners[index] < 0 ? null : _live[_partners[index]];

    /// <summary>The differences.</summary>
    public IEnumerable<RuleChange> Changes()
    {
        HashSet<int> settled = LongestIncreasing(_partners);
        HashSet<int> partners = [.. _partners];
        int passed = 0;
        for (int i = 0; i < _desired.Length; i++)
        {
            int partner = _partners[i];
            if (settled.Contains(i))
            {
                foreach (RuleChange change in Removed(passed, partner))
                {
                    yield return change;
                }

                passed = partner + 1;
            }

            string text = $"-A {KernelNames.Chain} {_desired[i].WithSets(KernelNames.LogicalOf)}";
            if (partner < 0)
            {
                yield return new RuleChange(RuleChangeKind.Add, text);
            }
            else if (!settled.Contains(i))
            {
                yield return new RuleChange(RuleChangeKind.Move, text);
            }
            else if (!_desired[i].Equals(_live[partner].Rule))
            {
                yield return new RuleChange(RuleChangeKind.Update, text);
            }
        }

        foreach (RuleChange change in Removed(passed, _live.Length))
        {
            yield return change;
        }

        IEnumerable<RuleChange> Removed(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                if (!partners.Contains(i))
                {
                    string text = _live[i].Rule?.WithSets(KernelNames.LogicalOf).ToString() ?? _live[i].Text;
                    yield return new RuleChange(RuleChangeKind.Remove, $"-A {KernelNames.Chain} {text}");
                }
            }
        }
    }

    /// <summary>The indexes of a longest subsequence that rises, negative values left out: the rules that need not move.</summary>
    private static HashSet<int> LongestIncreasing(int[] values)
    {
        var tails = new List<int>();
        var previous = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] < 0)
            {
                continue;
            }

            int low = 0;
            int high = tails.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                (low, high) = values[tails[middle]] < values[i] ? (middle + 1, high) : (low, middle);
            }

            previous[i] = low == 0 ? -1 : tails[low - 1];
            if (low == tails.Count)
            {
                tails.Add(i);
            }
            else
            {
                tails[low] = i;
            }
        }

        var result = new HashSet<int>();
        for (int i = tails.Count == 0 ? -1 : tails[^1]; i >= 0; i = previous[i])
        {
            result.Add(i);
        }

        return result;
    }
}

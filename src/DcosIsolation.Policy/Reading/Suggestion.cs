namespace DcosIsolation.Policy;

/// <summary>Finds the word that was probably meant. Stateless; safe to call from any thread.</summary>
public static class Suggestion
{
    private const int MaxWordLength = 64;

    /// <summary><c>; did you mean 'subnets'?</c>, or <paramref name="otherwise"/> when no candidate is near.</summary>
    public static string For(string word, IEnumerable<string> candidates, string otherwise) =>
        Find(word, candidates) is { } meant ? $"; did you mean '{meant}'?" : otherwise;

    /// <summary>The nearest candidate, or null when none is near.</summary>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        string? best = null;
        int bestDistance = Math.Clamp(word.Length / 3, 1, 3) + 1;
        foreach (string candidate in candidates)
        {
            if (word.Length > MaxWordLength || Math.Abs(candidate.Length - word.Length) >= bestDistance)
            {
                continue;
            }

            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary>How many insertions, deletions, replacements and swaps of neighbours lead from one word to the other.</summary>
    private static int Distance(string from, string to)
    {
        int[,] distance = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    distance[i, j] = i + j;
                    continue;
                }

                int replace = distance[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                distance[i, j] = Math.Min(replace, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    distance[i, j] = Math.Min(distance[i, j], distance[i - 2, j - 2] + 1);
                }
            }
        }

        return distance[from.Length, to.Length];
    }
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Finds addresses that lie in several networks, in one merge over the networks' sorted prefixes.</summary>
internal static class NetworkOverlaps
{
    /// <summary>How many pairs of networks are named; the rest are counted.</summary>
    public const int MaxWarnings = 20;

    public static void Warn(ImmutableArray<Network> networks, DiagnosticBag diagnostics)
    {
        if (networks.Length < 2)
        {
            return;
        }

        PriorityQueue<int, Prefix> next = new();
        int[] positions = new int[networks.Length];
        for (int i = 0; i < networks.Length; i++)
        {
            next.Enqueue(i, networks[i].Prefixes[0]);
        }

        // What the merge is inside of, outermost first: in sorted order, what does not contain this prefix contains no later one.
        List<(Prefix Prefix, int Network)> open = [];
        HashSet<(int, int)> pairs = [];
        bool isOne = next.TryDequeue(out int network, out Prefix prefix);
        while (isOne)
        {
            while (open.Count > 0 && !open[^1].Prefix.Contains(prefix))
            {
                open.RemoveAt(open.Count - 1);
            }

            foreach ((_, int other) in open)
            {
                if (pairs.Add((Math.Min(network, other), Math.Max(network, other))) && pairs.Count <= MaxWarnings)
                {
                    Warn(networks[network], networks[other], prefix, diagnostics);
                }
            }

            open.Add((prefix, network));
            if (++positions[network] < networks[network].Prefixes.Length)
            {
                // Mostly the same network's, and then the queue has nothing to do.
                network = next.EnqueueDequeue(network, networks[network].Prefixes[positions[network]]);
                prefix = networks[network].Prefixes[positions[network]];
            }
            else
            {
                isOne = next.TryDequeue(out network, out prefix);
            }
        }

        if (pairs.Count > MaxWarnings)
        {
            int untold = pairs.Count - MaxWarnings;
            string more = untold == 1 ? "one more pair of networks shares" : $"{untold} more pairs of networks share";
            diagnostics.Warn(networks[0].Location, $"{more} addresses");
        }
    }

    private static void Warn(Network one, Network other, Prefix shared, DiagnosticBag diagnostics)
    {
        bool oneIsFirst = (one.Location.Line, one.Location.Column).CompareTo((other.Location.Line, other.Location.Column)) < 0;
        (Network first, Network second) = oneIsFirst ? (one, other) : (other, one);
        diagnostics.Warn(second.Location, $"the networks '{first.Name}' and '{second.Name}' share {shared}; its addresses belong to both");
    }
}

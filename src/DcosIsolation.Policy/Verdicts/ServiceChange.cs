using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Services of which becomes something else between addresses of two classes.</summary>
/// <param name="Ranges">The services.</param>
/// <param name="AllBut">Whether every service is meant but these.</param>
/// <param name="Before">What became of them.</param>
/// <param name="After">What will.</param>
internal sealed record ServiceChange(ImmutableArray<ServiceRuling> Ranges, bool AllBut, RulingVerdict Before, RulingVerdict After)
{
    /// <summary>The services as text; null for every one.</summary>
    public string? Text { get; } = Ranges.IsEmpty ? null : $"{(AllBut ? "everything but " : "")}{string.Join(", ", Ranges.Select(range => range.Text))}";

    /// <summary>Compares two lists of atoms for every service at once.</summary>
    public static List<ServiceChange> Of(int[] before, int[] after, VerdictAtoms atoms)
    {
        SortedSet<(Protocol Protocol, int First)> cuts = [];
        foreach (int atom in before.Concat(after))
        {
            VerdictAtom asked = atoms.All[atom];
            if (asked.Protocol is { } protocol)
            {
                cuts.Add((protocol, 0));
                foreach ((ushort first, ushort last) in asked.Ports)
                {
                    cuts.Add((protocol, first));
                    cuts.Add((protocol, last + 1));
                }
            }
        }

        (RulingVerdict Before, RulingVerdict After) other = Judge(PacketService.Other);
        List<Segment> all = [];
        foreach ((Protocol protocol, int first) in cuts)
        {
            if (first <= ushort.MaxValue)
            {
                (RulingVerdict old, RulingVerdict fresh) = Judge(new PacketService((byte)protocol, (ushort)first));
                if (all.Count > 0 && all[^1].Service.Protocol == protocol)
                {
                    if ((all[^1].Before, all[^1].After) == (old, fresh))
                    {
                        continue;
                    }

                    all[^1] = all[^1] with { Service = all[^1].Service with { Last = (ushort)(first - 1) } };
                }

                all.Add(new Segment(new ServiceRuling(protocol, (ushort)first, ushort.MaxValue, Ruling.Outside), old, fresh));
            }
        }

        all.RemoveAll(item => item.Service is { First: 0, Last: ushort.MaxValue } && (item.Before, item.After) == other);
        List<ServiceChange> changes = [];
        if (other.Before != other.After)
        {
            changes.Add(new ServiceChange(
                [.. all.Where(item => (item.Before, item.After) != other).Select(item => item.Service)], true, other.Before, other.After));
        }

        foreach ((ServiceRuling _, RulingVerdict old, RulingVerdict fresh) in all)
        {
            if (old != fresh && (old, fresh) != other && !changes.Exists(change => (change.Before, change.After) == (old, fresh)))
            {
                changes.Add(new ServiceChange(
                    [.. all.Where(item => (item.Before, item.After) == (old, fresh)).Select(item => item.Service)], false, old, fresh));
            }
        }

        return changes;

        (RulingVerdict Before, RulingVerdict After) Judge(PacketService service) =>
            (First(before, service), First(after, service));

        RulingVerdict First(int[] list, PacketService service)
        {
            foreach (int atom in list)
            {
                if (atoms.All[atom].Fits(service))
                {
                    return atoms.All[atom].Verdict;
                }
            }

            return RulingVerdict.Passes;
        }
    }

    /// <summary>Services, and what becomes of them.</summary>
    private sealed record Segment(ServiceRuling Service, RulingVerdict Before, RulingVerdict After);
}

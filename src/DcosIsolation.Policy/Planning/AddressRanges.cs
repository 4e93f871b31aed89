using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Addresses of one family, as ranges in ascending order that neither overlap nor touch.</summary>
internal sealed class AddressRanges
{
    private readonly List<(UInt128 First, UInt128 Last)> _ranges = [];

    public int Count => _ranges.Count;

    /// <summary>The addresses of sorted prefixes.</summary>
    public static AddressRanges Of(ImmutableArray<Prefix> prefixes)
    {
        var ranges = new AddressRanges();
        foreach (Prefix prefix in prefixes)
        {
            ranges.Append(prefix.Bits, prefix.LastBits);
        }

        return ranges;
    }

    /// <summary>The addresses of any of the parts.</summary>
    public static AddressRanges Union(IEnumerable<AddressRanges> parts)
    {
        List<(UInt128 First, UInt128 Last)> all = [.. parts.SelectMany(part => part._ranges)];
        all.Sort();
        var union = new AddressRanges();
        foreach ((UInt128 first, UInt128 last) in all)
        {
            union.Append(first, last);
        }

        return union;
    }

    /// <summary>The addresses that are not among <paramref name="others"/>.</summary>
    public AddressRanges Except(AddressRanges others)
    {
        var rest = new AddressRanges();
        int next = 0;
        foreach ((UInt128 first, UInt128 last) in _ranges)
        {
            while (next < others.Count && others._ranges[next].Last < first)
            {
                next++;
            }

            UInt128 from = first;
            bool isOver = false;
            for (int i = next; i < others.Count && others._ranges[i].First <= last; i++)
            {
                (UInt128 otherFirst, UInt128 otherLast) = others._ranges[i];
                if (otherFirst > from)
                {
                    rest.Append(from, otherFirst - 1);
                }

                isOver = otherLast >= last;
                from = isOver ? from : otherLast + 1;
            }

            if (!isOver)
            {
                rest.Append(from, last);
            }
        }

        return rest;
    }

    public bool SequenceEqual(AddressRanges other) => _ranges.SequenceEqual(other._ranges);

    /// <summary>The first of sorted prefixes that has an address in the ranges; null when none has.</summary>
    public Prefix? FirstSharedWith(ImmutableArray<Prefix> prefixes)
    {
        int next = 0;
        foreach (Prefix prefix in prefixes)
        {
            UInt128 last = prefix.LastBits;
            next = Skip(next, prefix.Bits);
            if (next < Count && _ranges[next].First <= last)
            {
                return prefix;
            }
        }

        return null;
    }

    /// <summary>The first range from <paramref name="next"/> on that ends at <paramref name="address"/> or behind it, by galloping.</summary>
    private int Skip(int next, UInt128 address)
    {
        int step = 1;
        int high = next;
        while (high < Count && _ranges[high].Last < address)
        {
            next = high + 1;
            high += step;
            step *= 2;
        }

        high = Math.Min(high, Count);
        while (next < high)
        {
            int middle = (next + high) / 2;
            (next, high) = _ranges[middle].Last < address ? (middle + 1, high) : (next, middle);
        }

        return next;
    }

    private void Append(UInt128 first, UInt128 last)
    {
        if (Count > 0 && (_ranges[^1].Last >= first || _ranges[^1].Last + 1 == first))
        {
            _ranges[^1] = (_ranges[^1].First, UInt128.Max(_ranges[^1].Last, last));
        }
        else
        {
            _ranges.Add((first, last));
        }
    }
}

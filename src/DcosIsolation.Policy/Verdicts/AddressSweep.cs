using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace DcosIsolation.Policy;

/// <summary>
/// Divides addresses by which marks are on them, a mark being prefixes that do not overlap. Where only one mark begins and ends for a while,
/// its prefixes are leapt over: what a million prefixes of one network divide are two classes.
/// </summary>
internal sealed class AddressSweep
{
    private const int FewestToLeap = 8;

    private readonly Family _family;
    private readonly IReadOnlyList<ImmutableArray<Prefix>> _marks;
    private readonly MarkSweep _sweep;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public AddressSweep(Family family, IReadOnlyList<ImmutableArray<Prefix>> marks)
    {
        (_family, _marks, _sweep) = (family, marks, new MarkSweep(marks));
        Run();
    }

    /// <summary>The marks of each class, ascending.</summary>
    public List<int[]> Classes { get; } = [];

    /// <summary>The first addresses of each class, as text, with a mark where there are more.</summary>
    public List<string> Texts { get; } = [];

    private void Run()
    {
        UInt128 at = UInt128.Zero;
        int last = -1;
        while (true)
        {
            int turned = _sweep.Pass(at);
            last = turned < 0 ? last : turned;
            if (!_sweep.TryPeek(out int coming, out UInt128 until))
            {
                Record(at, UInt128.MaxValue);
                return;
            }

            Record(at, until - 1);
            if (coming == last && _sweep.TakeBegin(coming) is >= 0 and int first)
            {
                Leap(coming, first);
                _sweep.TryPeek(out _, out until);
            }

            at = until;
        }
    }

    /// <summary>Goes on to the last of a mark's prefixes, from the first given, that ends before another mark's next bound.</summary>
    private void Leap(int mark, int first)
    {
        ReadOnlySpan<Prefix> prefixes = _marks[mark].AsSpan();
        (int low, int high) = (first, prefixes.Length);
        if (_sweep.TryPeek(out _, out UInt128 limit))
        {
            while (low < high)
            {
                int middle = (low + high) / 2;
                (low, high) = prefixes[middle].LastBits < limit ? (middle + 1, high) : (low, middle);
            }
        }

        int end = high;
        if (end - first >= FewestToLeap)
        {
            for (int i = first; i < end - 1; i++)
            {
                if (prefixes[i].LastBits + 1 != prefixes[i + 1].Bits)
                {
                    Record(prefixes[i].LastBits + 1, prefixes[i + 1].Bits - 1);
                    break;
                }
            }

            _sweep.Turn(mark);
            Record(prefixes[first].Bits, prefixes[first].LastBits);
            _sweep.Turn(mark);
            first = end - 1;
        }

        _sweep.GoOn(mark, first);
    }

    private void Record(UInt128 first, UInt128 last)
    {
        ReadOnlySpan<char> key = MemoryMarshal.Cast<int, char>(CollectionsMarshal.AsSpan(_sweep.Active));
        if (!_numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out int number))
        {
            _numbers.Add(key.ToString(), Classes.Count);
            Classes.Add([.. _sweep.Active]);
            Texts.Add(AddressText.Of(_family, first, last));
        }
        else if (!Texts[number].EndsWith(AddressText.More))
        {
            Texts[number] += AddressText.More;
        }
    }
}

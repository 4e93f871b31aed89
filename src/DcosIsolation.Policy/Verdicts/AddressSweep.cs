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
    private readonly int[] _next;
    private readonly PriorityQueue<int, UInt128> _queue = new();
    private readonly List<int> _active = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public AddressSweep(Family family, IReadOnlyList<ImmutableArray<Prefix>> marks)
    {
        (_family, _marks, _next) = (family, marks, new int[marks.Count]);
        for (int mark = 0; mark < marks.Count; mark++)
        {
            Await(mark);
        }

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
            while (_queue.TryPeek(out int mark, out UInt128 bound) && bound == at)
            {
                _queue.Dequeue();
                Turn(mark);
                _next[mark]++;
                Await(mark);
                last = mark;
            }

            if (!_queue.TryPeek(out int coming, out UInt128 until))
            {
                Record(at, UInt128.MaxValue);
                return;
            }

            Record(at, until - 1);
            if (coming == last && (_next[coming] & 1) == 0)
            {
                Leap(coming);
                _queue.TryPeek(out _, out until);
            }

            at = until;
        }
    }

    /// <summary>Goes on to the last of a mark's prefixes that ends before another mark's next bound.</summary>
    private void Leap(int mark)
    {
        _queue.Dequeue();
        ReadOnlySpan<Prefix> prefixes = _marks[mark].AsSpan();
        int first = _next[mark] >> 1;
        (int low, int high) = (first, prefixes.Length);
        if (_queue.TryPeek(out _, out UInt128 limit))
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

            Turn(mark);
            Record(prefixes[first].Bits, prefixes[first].LastBits);
            Turn(mark);
            _next[mark] = 2 * (end - 1);
        }

        Await(mark);
    }

    private void Await(int mark)
    {
        int index = _next[mark] >> 1;
        if (index < _marks[mark].Length)
        {
            Prefix prefix = _marks[mark][index];
            bool isBegin = (_next[mark] & 1) == 0;
            if (isBegin || prefix.LastBits != UInt128.MaxValue)
            {
                _queue.Enqueue(mark, isBegin ? prefix.Bits : prefix.LastBits + 1);
            }
        }
    }

    private void Turn(int mark)
    {
        int place = _active.BinarySearch(mark);
        if (place >= 0)
        {
            _active.RemoveAt(place);
        }
        else
        {
            _active.Insert(~place, mark);
        }
    }

    private void Record(UInt128 first, UInt128 last)
    {
        ReadOnlySpan<char> key = MemoryMarshal.Cast<int, char>(CollectionsMarshal.AsSpan(_active));
        if (!_numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out int number))
        {
            _numbers.Add(key.ToString(), Classes.Count);
            Classes.Add([.. _active]);
            Texts.Add(AddressText.Of(_family, first, last));
        }
        else if (!Texts[number].EndsWith(AddressText.More))
        {
            Texts[number] += AddressText.More;
        }
    }
}

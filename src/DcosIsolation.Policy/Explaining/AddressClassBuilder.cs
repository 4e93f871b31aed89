using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace DcosIsolation.Policy;

/// <summary>
/// Finds the address classes of a family by going through the addresses once, from the lowest to the highest, and keeping which marks are
/// on them. A mark is a network or a literal prefix of the policy, by number; networks come first.
/// </summary>
internal sealed class AddressClassBuilder
{
    private readonly Family _family;
    private readonly int _networks;
    private readonly List<int> _active = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _numberOf;
    private readonly List<ImmutableArray<int>> _marks = [[]];
    private readonly List<uint> _inet = [];
    private readonly List<UInt128> _inet6 = [];
    private readonly List<int> _classes = [];

    private AddressClassBuilder(Family family, int networks)
    {
        (_family, _networks) = (family, networks);
        _numberOf = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Divides a family's addresses.</summary>
    /// <param name="family">The family.</param>
    /// <param name="networks">How many of the marks are networks.</param>
    /// <param name="marks">The prefixes of each mark: of the family, sorted, none in another.</param>
    public static AddressClasses Build(Family family, int networks, IReadOnlyList<ImmutableArray<Prefix>> marks) =>
        new AddressClassBuilder(family, networks).Build(marks);

    private AddressClasses Build(IReadOnlyList<ImmutableArray<Prefix>> marks)
    {
        // The next bound of each mark: those with even numbers are where a prefix begins, the others where it has ended.
        var next = new int[marks.Count];
        var queue = new PriorityQueue<int, UInt128>();
        for (int mark = 0; mark < marks.Count; mark++)
        {
            Await(mark);
        }

        Append(UInt128.Zero, AddressClasses.Outside);
        while (queue.TryPeek(out _, out UInt128 at))
        {
            while (queue.TryPeek(out int mark, out UInt128 bound) && bound == at)
            {
                queue.Dequeue();
                Turn(mark);
                next[mark]++;
                Await(mark);
            }

            Append(at, Number());
        }

        return new AddressClasses(_family, [.. _inet], [.. _inet6], [.. _classes], [.. _marks], _networks);

        void Await(int mark)
        {
            int index = next[mark] >> 1;
            if (index == marks[mark].Length)
            {
                return;
            }

            Prefix prefix = marks[mark][index];
            bool isBegin = (next[mark] & 1) == 0;
            if (isBegin || prefix.LastBits != UInt128.MaxValue)
            {
                queue.Enqueue(mark, isBegin ? prefix.Bits : prefix.LastBits + 1);
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

    /// <summary>The class of the active marks; what no network has is never judged, whatever literal prefixes hold it.</summary>
    private int Number()
    {
        if (_active.Count == 0 || _active[0] >= _networks)
        {
            return AddressClasses.Outside;
        }

        ReadOnlySpan<char> key = MemoryMarshal.Cast<int, char>(CollectionsMarshal.AsSpan(_active));
        if (!_numberOf.TryGetValue(key, out int number))
        {
            number = _marks.Count;
            _numbers.Add(key.ToString(), number);
            _marks.Add([.. _active]);
        }

        return number;
    }

    private void Append(UInt128 start, int number)
    {
        if (_classes.Count > 0 && start == 0)
        {
            _classes[0] = number;
        }
        else if (_classes.Count == 0 || _classes[^1] != number)
        {
            _classes.Add(number);
            if (_family == Family.Inet)
            {
                _inet.Add((uint)(start >> 96));
            }
            else
            {
                _inet6.Add(start);
            }
        }
    }
}

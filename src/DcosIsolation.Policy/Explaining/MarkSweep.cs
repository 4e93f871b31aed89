using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// Goes through a family's addresses from the lowest to the highest, from one bound to the next, and knows which marks are on them. A mark is
/// prefixes that are sorted and none in another; each begins it and ends it.
/// </summary>
internal sealed class MarkSweep
{
    private readonly IReadOnlyList<ImmutableArray<Prefix>> _marks;

    // The next bound of each mark: those with even numbers are where a prefix begins, the others where it has ended.
    private readonly int[] _next;
    private readonly PriorityQueue<int, UInt128> _queue = new();

    public MarkSweep(IReadOnlyList<ImmutableArray<Prefix>> marks)
    {
        (_marks, _next) = (marks, new int[marks.Count]);
        for (int mark = 0; mark < marks.Count; mark++)
        {
            Await(mark);
        }
    }

    /// <summary>The marks on the addresses from here to the next bound, ascending.</summary>
    public List<int> Active { get; } = [];

    /// <summary>The next bound, and a mark that begins or ends there; false behind the last.</summary>
    public bool TryPeek(out int mark, out UInt128 bound) => _queue.TryPeek(out mark, out bound);

    /// <summary>Passes the bounds at an address, if any, and returns the last mark that begins or ends there; -1 if none does.</summary>
    public int Pass(UInt128 at)
    {
        int last = -1;
        while (_queue.TryPeek(out int mark, out UInt128 bound) && bound == at)
        {
            _queue.Dequeue();
            Turn(mark);
            _next[mark]++;
            Await(mark);
            last = mark;
        }

        return last;
    }

    /// <summary>Takes a mark away from where it is, or puts it there.</summary>
    public void Turn(int mark)
    {
        int place = Active.BinarySearch(mark);
        if (place >= 0)
        {
            Active.RemoveAt(place);
        }
        else
        {
            Active.Insert(~place, mark);
        }
    }

    /// <summary>Takes the next bound out, if it is where a prefix begins, and returns which of its mark's that is; -1 if it is not.</summary>
    public int TakeBegin(int mark)
    {
        if ((_next[mark] & 1) != 0)
        {
            return -1;
        }

        _queue.Dequeue();
        return _next[mark] >> 1;
    }

    /// <summary>Puts a mark whose bound was taken out back to where its prefix of that index begins.</summary>
    public void GoOn(int mark, int prefix)
    {
        _next[mark] = 2 * prefix;
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
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>The lines of a set's entries, to be printed in order. Takes the memory of the text and eight bytes a line.</summary>
internal sealed class SortedLines
{
    // A line lies in one chunk. 4,096 chunks can be told apart, 4 GB of text.
    private const int ChunkBits = 20;
    private const int ChunkSize = 1 << ChunkBits;

    private readonly List<byte[]> _chunks = [];
    private uint[] _lines = [];
    private int _count;
    private int _end = ChunkSize;

    /// <summary>Room for a line of at most <paramref name="length"/> bytes; <see cref="Add"/> says how many it has.</summary>
    public Span<byte> Reserve(int length)
    {
        if (ChunkSize - _end <= length)
        {
            if (_chunks.Count == 1 << (32 - ChunkBits))
            {
                throw new IpsetFailure("Could not allocate memory to print sorted!");
            }

            _chunks.Add(GC.AllocateUninitializedArray<byte>(ChunkSize));
            _end = 0;
        }

        return _chunks[^1].AsSpan(_end);
    }

    /// <summary>Takes the line that was written into the room.</summary>
    public void Add(int length)
    {
        if (_count == _lines.Length)
        {
            Array.Resize(ref _lines, Math.Max(1024, _count + (_count / 2)));
        }

        _lines[_count++] = ((uint)(_chunks.Count - 1) << ChunkBits) | (uint)_end;
        _chunks[^1][_end + length] = 0;
        _end += length + 1;
    }

    /// <summary>Prints the lines in order, and forgets them.</summary>
    /// <param name="output">Where they go.</param>
    /// <param name="offset">How many bytes of a line stand before what is compared.</param>
    /// <param name="isBytewise">Whether whole lines are compared, as bytes; else as <see cref="EntryOrder"/> says.</param>
    public void Print(OutputBuffer output, int offset, bool isBytewise)
    {
        foreach (uint line in Sort(isBytewise ? 0 : offset, isBytewise))
        {
            ReadOnlySpan<byte> text = _chunks[(int)(line >> ChunkBits)].AsSpan((int)(line & (ChunkSize - 1)));
            output.Write(text[..text.IndexOf((byte)0)]);
        }

        _chunks.Clear();
        _lines = [];
        _count = 0;
        _end = ChunkSize;
    }

    // Runs of 1, 2, 4 … lines are merged from the first on: where the order goes round in circles, the result depends on that too.
    private ReadOnlySpan<uint> Sort(int offset, bool isBytewise)
    {
        uint[] from = _lines, to = new uint[_count];
        for (long width = 1; width < _count; width *= 2)
        {
            for (long start = 0; start < _count; start += 2 * width)
            {
                int middle = (int)Math.Min(start + width, _count), end = (int)Math.Min(start + (2 * width), _count);
                Merge(from.AsSpan((int)start, middle - (int)start), from.AsSpan(middle, end - middle), to.AsSpan((int)start), offset, isBytewise);
            }

            (from, to) = (to, from);
        }

        return from.AsSpan(0, _count);
    }

    private void Merge(ReadOnlySpan<uint> first, ReadOnlySpan<uint> second, Span<uint> target, int offset, bool isBytewise)
    {
        int next = 0;
        while (first.Length > 0 && second.Length > 0)
        {
            ref byte x = ref Text(first[0], offset);
            ref byte y = ref Text(second[0], offset);
            if ((isBytewise ? EntryOrder.CompareBytes(ref x, ref y) : EntryOrder.Compare(ref x, ref y)) <= 0)
            {
                target[next++] = first[0];
                first = first[1..];
            }
            else
            {
                target[next++] = second[0];
                second = second[1..];
            }
        }

        first.CopyTo(target[next..]);
        second.CopyTo(target[next..]);
    }

    private ref byte Text(uint line, int offset) =>
        ref Unsafe.Add(
            ref MemoryMarshal.GetArrayDataReference(_chunks[(int)(line >> ChunkBits)]), (int)(line & (ChunkSize - 1)) + offset);
}

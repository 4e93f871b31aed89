using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>The lines of a set's entries, to be printed in order. Takes the memory of the text and 16 bytes a line.</summary>
internal sealed class SortedLines
{
    // A line lies in one chunk. 4,096 chunks can be told apart, 4 GB of text.
    private const int ChunkBits = 20;
    private const int ChunkSize = 1 << ChunkBits;

    // The ipset program sorts by insertion. Where the order goes round in circles, only the same way leads to the same result; it takes a
    // second for as many lines as these, and hours for a million.
    private const int MaxInserted = 8192;

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
        var order = new LineOrder(_chunks, isBytewise ? 0 : offset, isBytewise);
        ulong[] lines = order.WithKeys(_lines.AsSpan(0, _count));
        foreach (ulong keyed in lines.Length <= MaxInserted ? Insert(order, lines) : Merge(order, lines))
        {
            uint line = (uint)keyed;
            ReadOnlySpan<byte> text = _chunks[(int)(line >> ChunkBits)].AsSpan((int)(line & (ChunkSize - 1)));
            output.Write(text[..text.IndexOf((byte)0)]);
        }

        _chunks.Clear();
        _lines = [];
        _count = 0;
        _end = ChunkSize;
    }

    /// <summary>Puts every line before the first that is greater.</summary>
    private static ulong[] Insert(LineOrder order, ulong[] lines)
    {
        for (int count = 1; count < lines.Length; count++)
        {
            ulong line = lines[count];
            int place = 0;
            while (place < count && order.Compare(lines[place], line) <= 0)
            {
                place++;
            }

            lines.AsSpan(place, count - place).CopyTo(lines.AsSpan(place + 1));
            lines[place] = line;
        }

        return lines;
    }

    private static ulong[] Merge(LineOrder order, ulong[] lines)
    {
        ulong[] from = lines, to = new ulong[lines.Length];
        for (long width = 1; width < lines.Length; width *= 2)
        {
            for (long start = 0; start < lines.Length; start += 2 * width)
            {
                int middle = (int)Math.Min(start + width, lines.Length), end = (int)Math.Min(start + (2 * width), lines.Length);
                Merge(order, from.AsSpan((int)start..middle), from.AsSpan(middle..end), to.AsSpan((int)start));
            }

            (from, to) = (to, from);
        }

        return from;
    }

    private static void Merge(LineOrder order, ReadOnlySpan<ulong> first, ReadOnlySpan<ulong> second, Span<ulong> target)
    {
        int next = 0, a = 0, b = 0;
        while (a < first.Length && b < second.Length)
        {
            target[next++] = order.Compare(first[a], second[b]) <= 0 ? first[a++] : second[b++];
        }

        first[a..].CopyTo(target[next..]);
        second[b..].CopyTo(target[next..]);
    }

    /// <summary>Compares lines by a key in the upper half, as far as it goes: most differ in that, and need not be looked at.</summary>
    private readonly struct LineOrder(List<byte[]> chunks, int offset, bool isBytewise)
    {
        private readonly byte[][] _chunks = [.. chunks];

        public ulong[] WithKeys(ReadOnlySpan<uint> lines)
        {
            ulong[] keyed = new ulong[lines.Length];
            for (int i = 0; i < keyed.Length; i++)
            {
                keyed[i] = (isBytewise ? 0 : (ulong)EntryOrder.Key(ref Text(lines[i])) << 32) | lines[i];
            }

            return keyed;
        }

        public int Compare(ulong first, ulong second)
        {
            if (first >> 32 != second >> 32)
            {
                return first < second ? -1 : 1;
            }

            ref byte x = ref Text((uint)first);
            ref byte y = ref Text((uint)second);
            return isBytewise ? EntryOrder.CompareBytes(ref x, ref y) : EntryOrder.Compare(ref x, ref y);
        }

        private ref byte Text(uint line) =>
            ref Unsafe.Add(
                ref MemoryMarshal.GetArrayDataReference(_chunks[line >> ChunkBits]), (int)(line & (ChunkSize - 1)) + offset);
    }
}

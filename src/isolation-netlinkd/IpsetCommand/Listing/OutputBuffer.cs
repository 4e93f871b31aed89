using System.Buffers.Text;
using System.Text;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>Bytes on their way to a stream, 64 kB at a time. What was not flushed is not printed: an error takes it back.</summary>
internal sealed class OutputBuffer(Stream stream)
{
    private const int Size = 64 * 1024;

    private readonly byte[] _bytes = new byte[Size];
    private int _count;

    /// <summary>Room for at least <paramref name="length"/> bytes; <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> Reserve(int length)
    {
        if (Size - _count < length)
        {
            Flush();
        }

        return _bytes.AsSpan(_count);
    }

    public void Advance(int count) => _count += count;

    public void Write(scoped ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            Span<byte> room = Reserve(1);
            int part = Math.Min(room.Length, text.Length);
            text[..part].CopyTo(room);
            Advance(part);
            text = text[part..];
        }
    }

    public void Write(string text)
    {
        if (Encoding.UTF8.GetMaxByteCount(text.Length) <= Size)
        {
            Advance(Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetMaxByteCount(text.Length))));
        }
        else
        {
            Write(Encoding.UTF8.GetBytes(text));
        }
    }

    public void Write(uint number)
    {
        const int MaxDigits = 10;
        Utf8Formatter.TryFormat(number, Reserve(MaxDigits), out int written);
        Advance(written);
    }

    /// <summary>Passes everything on to the stream.</summary>
    public void Flush()
    {
        int count = _count;
        _count = 0;
        stream.Write(_bytes, 0, count);
    }
}

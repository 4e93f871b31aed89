namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>Reads a stream line by line in constant memory.</summary>
internal sealed class LineReader(Stream input)
{
    /// <summary>ipset's buffer for a line, with its line feed.</summary>
    private const int MaxLength = 1023;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>How many bytes of the stream the lines read so far have taken.</summary>
    public long Consumed { get; private set; }

    /// <summary>Reads the next line with its line feed; the last may have none.</summary>
    /// <param name="line">The line; valid until the next is read.</param>
    /// <returns>False at the end of the stream.</returns>
    /// <exception cref="IpsetFailure">The line is too long.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int length;
        while ((length = _buffer.AsSpan(_start.._end).IndexOf((byte)'\n') + 1) == 0)
        {
            if (_end - _start > MaxLength)
            {
                break;
            }

            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            int read = input.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                length = _end;
                break;
            }

            _end += read;
        }

        if (length > MaxLength || (length == 0 && _end > _start))
        {
            throw new IpsetFailure("Line is too long to parse.", IpsetFailure.Usage);
        }

        line = _buffer.AsSpan(_start, length);
        _start += length;
        Consumed += length;
        return length > 0;
    }
}

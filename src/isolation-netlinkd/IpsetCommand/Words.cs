using System.Text;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>The words of one line, in UTF-8: of the command line, or of a line of a restore. Reused from line to line.</summary>
internal sealed class Words
{
    /// <summary>ipset takes 32 words with its own name.</summary>
    private const int MaxCount = 31;

    private readonly (int Start, int Length)[] _words = new (int, int)[MaxCount];
    private byte[] _text = new byte[1024];
    private int _length;

    /// <summary>How many words are left.</summary>
    public int Count { get; private set; }

    /// <summary>A word; valid until the next line.</summary>
    public ReadOnlySpan<byte> this[int index] => _text.AsSpan(_words[index].Start, _words[index].Length);

    /// <summary>A word as text.</summary>
    public string Text(int index) => Encoding.UTF8.GetString(this[index]);

    /// <summary>Whether a word is <paramref name="text"/>.</summary>
    public bool Is(int index, ReadOnlySpan<byte> text) => this[index].SequenceEqual(text);

    /// <summary>Takes the words of the command line.</summary>
    /// <exception cref="IpsetFailure">There are too many.</exception>
    public void Take(ReadOnlySpan<string> arguments)
    {
        Clear();
        foreach (string argument in arguments)
        {
            int length = Encoding.UTF8.GetByteCount(argument);
            Reserve(length);
            Encoding.UTF8.GetBytes(argument, _text.AsSpan(_length));
            End(_length, length);
            _length += length;
        }
    }

    /// <summary>
    /// Splits a line at blanks; what stands between double quotes is not split, and the quotes are left out. Empty words do not count.
    /// </summary>
    /// <param name="line">The line with its line feed, if it has one.</param>
    /// <exception cref="IpsetFailure">There are too many words, or the last quote is not closed.</exception>
    public void Split(ReadOnlySpan<byte> line)
    {
        Clear();
        Reserve(line.Length);
        bool quoted = false;
        int start = 0;
        foreach (byte character in line)
        {
            switch (character)
            {
                case (byte)'"':
                    quoted = !quoted;
                    break;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' when !quoted:
                    if (_length > start)
                    {
                        End(start, _length - start);
                    }

                    start = _length;
                    break;
                default:
                    _text[_length++] = character;
                    break;
            }
        }

        // A word that a line feed inside quotes cuts short is dropped by ipset without a word; the last line may have no line feed.
        if (quoted && line[^1] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
        {
            throw new IpsetFailure("Missing close quote!", IpsetFailure.Usage);
        }

        if (!quoted && _length > start)
        {
            End(start, _length - start);
        }
    }

    /// <summary>Takes a word out.</summary>
    public void RemoveAt(int index)
    {
        _words.AsSpan((index + 1)..Count).CopyTo(_words.AsSpan(index));
        Count--;
    }

    private void Clear() => Count = _length = 0;

    private void Reserve(int length)
    {
        if (_text.Length < _length + length)
        {
            Array.Resize(ref _text, Math.Max(_length + length, 2 * _text.Length));
        }
    }

    private void End(int start, int length)
    {
        if (Count == MaxCount)
        {
            throw new IpsetFailure("Line is too long to parse.", IpsetFailure.Usage);
        }

        _words[Count++] = (start, length);
    }
}

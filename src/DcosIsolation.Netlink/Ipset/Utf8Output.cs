using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>Text that is written into a buffer piece by piece; what does not fit makes the whole of it fail.</summary>
internal ref struct Utf8Output(Span<byte> buffer)
{
    // What could end a line or a quoted string, or move a terminal's cursor.
    private static readonly SearchValues<char> s_unsafe = SearchValues.Create(Unsafe(""));

    // Between quotes a tab is harmless.
    private static readonly SearchValues<char> s_unsafeInQuotes = SearchValues.Create(Unsafe("\t"));

    private readonly Span<byte> _buffer = buffer;
    private int _length;
    private bool _isTooShort;

    /// <summary>Bytes as text.</summary>
    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    /// <summary>Whether everything fitted, and how long it is.</summary>
    public readonly bool End(out int written)
    {
        written = _isTooShort ? 0 : _length;
        return !_isTooShort;
    }

    public void Append(scoped ReadOnlySpan<byte> text) => Advance(text.TryCopyTo(_buffer[_length..]), text.Length);

    public void Append(char ascii)
    {
        if (_length < _buffer.Length)
        {
            _buffer[_length++] = (byte)ascii;
        }
        else
        {
            _isTooShort = true;
        }
    }

    public void Append(ulong number)
    {
        if (number < 10)
        {
            Append((char)('0' + number));
        }
        else
        {
            Advance(number.TryFormat(_buffer[_length..], out int written, default, CultureInfo.InvariantCulture), written);
        }
    }

    public void AppendHex(uint number)
    {
        for (int shift = BitOperations.Log2(number | 1) & ~3; shift >= 0; shift -= 4)
        {
            Append((char)"0123456789abcdef"u8[(int)((number >> shift) & 15)]);
        }
    }

    /// <summary>Text of others: a question mark for every control character and quote.</summary>
    public void AppendForeign(string text) => Append(Clean(text, s_unsafe));

    /// <summary>The same in double quotes; tabs stay.</summary>
    public void AppendForeignInQuotes(string text)
    {
        Append('"');
        Append(Clean(text, s_unsafeInQuotes));
        Append('"');
    }

    public void Append(string text) => Advance(Encoding.UTF8.TryGetBytes(text, _buffer[_length..], out int written), written);

    private static char[] Unsafe(string except) =>
        [.. Enumerable.Range(0, 0xa0).Select(number => (char)number).Where(c => (char.IsControl(c) || c == '"') && !except.Contains(c))];

    private static string Clean(string text, SearchValues<char> forbidden) => text.AsSpan().ContainsAny(forbidden)
        ? string.Create(text.Length, (text, forbidden), static (safe, from) => from.text.AsSpan().ReplaceAny(safe, from.forbidden, '?'))
        : text;

    private void Advance(bool fits, int written)
    {
        _isTooShort |= !fits;
        _length += fits ? written : 0;
    }
}

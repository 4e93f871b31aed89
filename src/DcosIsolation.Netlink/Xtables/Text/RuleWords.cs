using System.Runtime.InteropServices;
using System.Text;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>A rule's words as a C program gets its arguments, in memory that getopt and extensions may write to and that grows as needed.</summary>
internal sealed unsafe class RuleWords
{
    /// <summary>iptables-restore's limits (xshared.h, MAX_ARGC and struct xt_param_buf), on which extensions have come to rely.</summary>
    public const int MaxCount = 254;
    public const int MaxLength = 1023;

    private byte* _memory;
    private int _size;
    private byte* _next;

    /// <summary>argc: the words and, before them, the program's name, which is empty.</summary>
    public int Count { get; private set; }

    public byte** Arguments => (byte**)_memory;

    /// <summary>Puts a rule's words in the place of the last one's.</summary>
    public void Set(NetfilterFamily family, IReadOnlyList<string> words, Encoding encoding)
    {
        int size = 0;
        for (int i = 0; i < words.Count; i++)
        {
            size += encoding.GetByteCount(words[i]) + 1;
        }

        Begin(size);
        for (int i = 0; i < words.Count; i++)
        {
            if (words[i].Contains('\0'))
            {
                throw new XtablesRuleException(family, $"the word '{words[i].Replace('\0', '?')}' contains a NUL");
            }

            byte* word = _next;
            _next += encoding.GetBytes(words[i], new Span<byte>(_next, size));
            End(family, word);
        }
    }

    /// <summary>Divides a rule's text as <see cref="XtablesRuleText.Split"/> does, and puts the words in the place of the last one's.</summary>
    public void Set(NetfilterFamily family, ReadOnlySpan<byte> text)
    {
        Begin(text.Length + 1);
        byte* word = null;
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            byte c = text[i];
            if (c == 0)
            {
                throw new XtablesRuleException(family, "the rule contains a NUL");
            }

            if (!isQuoted && c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            {
                if (word != null)
                {
                    End(family, word);
                    word = null;
                }

                continue;
            }

            word = word == null ? _next : word;
            if (c != '"')
            {
                *_next++ = isQuoted && c == '\\' && i + 1 < text.Length ? text[++i] : c;
                continue;
            }

            // The closing quote ends the word, which may be empty.
            if (isQuoted)
            {
                End(family, word);
                word = null;
            }

            isQuoted = !isQuoted;
        }

        if (isQuoted)
        {
            throw new XtablesRuleException(family, "a double quote is not closed");
        }

        if (word != null)
        {
            End(family, word);
        }
    }

    /// <summary>Makes room: pointers first, then so many bytes.</summary>
    private void Begin(int bytes)
    {
        const int Pointers = MaxCount + 2;
        int size = (Pointers * sizeof(byte*)) + 1 + bytes;
        if (size > _size)
        {
            _memory = (byte*)NativeMemory.Realloc(_memory, (nuint)size);
            _size = size;
        }

        _next = _memory + (Pointers * sizeof(byte*));
        *_next++ = 0;
        Arguments[0] = _next - 1;
        Arguments[1] = null;
        Count = 1;
    }

    private void End(NetfilterFamily family, byte* word)
    {
        long length = _next - word;
        if (length > MaxLength)
        {
            string start = Encoding.Latin1.GetString(word, 32);
            throw new XtablesRuleException(family, $"the word '{start}…' has {length} bytes; at most {MaxLength} are taken");
        }

        if (Count > MaxCount)
        {
            throw new XtablesRuleException(family, $"the rule has more than {MaxCount} words");
        }

        *_next++ = 0;
        Arguments[Count++] = word;
        Arguments[Count] = null;
    }
}

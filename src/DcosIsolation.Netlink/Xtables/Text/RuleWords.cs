using System.Runtime.InteropServices;
using System.Text;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>A rule's words as a C program gets its arguments, in memory that getopt and extensions may write to.</summary>
internal sealed unsafe class RuleWords : IDisposable
{
    /// <summary>iptables-restore's limits (xshared.h, MAX_ARGC and struct xt_param_buf), on which extensions have come to rely.</summary>
    public const int MaxCount = 254;
    public const int MaxLength = 1023;

    private readonly byte** _arguments;

    public RuleWords(NetfilterFamily family, IReadOnlyList<string> words, Encoding encoding)
    {
        if (words.Count > MaxCount)
        {
            throw new XtablesRuleException(family, $"the rule has {words.Count} words; at most {MaxCount} are taken");
        }

        int pointers = (words.Count + 2) * sizeof(byte*);
        int size = pointers + 1;
        foreach (string word in words)
        {
            int length = encoding.GetByteCount(word);
            if (length > MaxLength)
            {
                throw new XtablesRuleException(family, $"the word '{word[..32]}…' has {length} bytes; at most {MaxLength} are taken");
            }

            if (word.Contains('\0'))
            {
                throw new XtablesRuleException(family, $"the word '{word.Replace('\0', '?')}' contains a NUL");
            }

            size += length + 1;
        }

        Count = words.Count + 1;
        _arguments = (byte**)NativeMemory.AllocZeroed((nuint)size);
        byte* next = (byte*)_arguments + pointers;
        byte* end = (byte*)_arguments + size;
        _arguments[0] = next++;
        for (int i = 0; i < words.Count; i++)
        {
            _arguments[i + 1] = next;
            next += encoding.GetBytes(words[i], new Span<byte>(next, (int)(end - next))) + 1;
        }
    }

    /// <summary>argc: the words and, before them, the program's name, which is empty.</summary>
    public int Count { get; }

    public byte** Arguments => _arguments;

    public void Dispose() => NativeMemory.Free(_arguments);
}

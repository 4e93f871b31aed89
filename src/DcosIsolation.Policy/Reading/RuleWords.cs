using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>
/// Divides the text of a rule into words, and quotes them again. Double quotes are iptables-restore's (xshared.c, add_param_to_argv): a
/// backslash in them keeps the next character. Single quotes are a shell's.
/// </summary>
internal static class RuleWords
{
    private static readonly SearchValues<char> s_quoted = SearchValues.Create(" \t\"'\\");

    /// <summary>The words, or null and what is wrong.</summary>
    public static List<string>? TrySplit(string text, [NotNullWhen(false)] out string? error)
    {
        List<string> words = [];
        StringBuilder? word = null;
        char quote = '\0';
        error = null;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == quote)
            {
                quote = '\0';
            }
            else if (quote == '"' && c == '\\' && i + 1 < text.Length)
            {
                word!.Append(text[++i]);
            }
            else if (quote == '\0' && (c is '"' or '\''))
            {
                quote = c;
                word ??= new StringBuilder();
            }
            else if (quote == '\0' && (c is ' ' or '\t'))
            {
                Finish();
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        Finish();
        error = quote == '\0' ? null : $"a quote {quote} is not closed";
        return error is null ? words : null;

        void Finish()
        {
            if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
    }

    /// <summary>The words in one text, of which iptables-restore and <see cref="TrySplit"/> make the same words.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static string Quote(string word) => word.Length > 0 && !word.AsSpan().ContainsAny(s_quoted)
        ? word
        : $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

using System.Globalization;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>A stranger's text as it is shown: on one line, and harmless to a terminal. Stateless; safe to call from any thread.</summary>
public static class Quoted
{
    private const int MaxLength = 80;

    /// <summary>
    /// The text with an escape like <c>\u001b</c> for everything that would move a terminal's cursor, change its state, or hide or reorder
    /// what stands there.
    /// </summary>
    /// <param name="text">The text; what is escaped in it already stays as it is.</param>
    public static string Escape(ReadOnlySpan<char> text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char c in text)
        {
            if (c == '\n')
            {
                escaped.Append("\\n");
            }
            else if (c == '\t')
            {
                escaped.Append("\\t");
            }
            else if (char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                escaped.Append(c);
            }
        }

        return escaped.ToString();
    }

    /// <summary>The text escaped, short and in quotes.</summary>
    internal static string Text(ReadOnlySpan<char> text) =>
        text.Length > MaxLength ? $"'{Escape(text[..MaxLength])}…'" : $"'{Escape(text)}'";
}

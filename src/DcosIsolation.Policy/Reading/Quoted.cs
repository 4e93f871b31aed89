using System.Globalization;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>Offending text as a diagnostic shows it: in quotes, short, on one line, and harmless to a terminal.</summary>
internal static class Quoted
{
    private const int MaxLength = 80;

    public static string Text(ReadOnlySpan<char> text)
    {
        StringBuilder quoted = new("'");
        foreach (char c in text[..Math.Min(text.Length, MaxLength)])
        {
            if (c == '\n')
            {
                quoted.Append("\\n");
            }
            else if (c == '\t')
            {
                quoted.Append("\\t");
            }
            else if (char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                quoted.Append(c);
            }
        }

        return quoted.Append(text.Length > MaxLength ? "…'" : "'").ToString();
    }
}

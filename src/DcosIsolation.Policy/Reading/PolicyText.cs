using System.Globalization;

namespace DcosIsolation.Policy;

/// <summary>What a policy file's text must be before it is read as YAML.</summary>
internal static class PolicyText
{
    /// <summary>The longest policy file, in UTF-16 code units; a subnets file, for long lists of prefixes, has no limit.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    /// <summary>Reports a text that is too long, and characters that would be read as something other than what an editor shows.</summary>
    /// <returns>Whether the text can be read.</returns>
    public static bool Check(string file, string text, DiagnosticBag diagnostics)
    {
        if (text.Length > MaxLength)
        {
            diagnostics.Error(new SourceLocation(file, 1, 1), $"the file has {text.Length} characters; the most is {MaxLength}:"
                + " put long lists of prefixes into a subnets-file");
            return false;
        }

        bool good = true;
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                (line, lineStart) = (line + 1, i + 1);
            }
            else if (IsForbidden(text[i]))
            {
                good = false;
                diagnostics.Error(new SourceLocation(file, line, i - lineStart + 1), string.Create(CultureInfo.InvariantCulture,
                    $"the character U+{(int)text[i]:X4} may not stand in a policy: YAML readers disagree on what it means; remove it"));
            }
        }

        return good;
    }

    // NUL ends the text for some YAML readers, and NEL, LS and PS end a line for some: the rest of a comment would be policy for them.
    private static bool IsForbidden(char c) => (char.IsControl(c) && c is not ('\t' or '\r')) || c is '\u2028' or '\u2029' or '\ufeff';
}

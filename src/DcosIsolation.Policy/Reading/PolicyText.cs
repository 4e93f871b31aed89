using System.Globalization;

namespace DcosIsolation.Policy;

/// <summary>What a policy file's text must be before it is read as YAML.</summary>
internal static class PolicyText
{
    /// <summary>How many forbidden characters are reported; a file that has so many is no text.</summary>
    public const int MaxErrors = 20;

    /// <summary>Reports a text that is too long, and characters that would be read as something other than what an editor shows.</summary>
    /// <returns>Whether the text can be read.</returns>
    public static bool Check(string file, string text, DiagnosticBag diagnostics)
    {
        if (text.Length > PolicyReader.MaxLength)
        {
            diagnostics.Error(new SourceLocation(file, 1, 1), $"the file has more than {PolicyReader.MaxLength} characters;"
                + " put long lists of prefixes into a subnets-file");
            return false;
        }

        int errors = 0;
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
                SourceLocation location = new(file, line, i - lineStart + 1);
                if (++errors > MaxErrors)
                {
                    diagnostics.Error(location, "another such character; from here on the file was not read");
                    break;
                }

                diagnostics.Error(location, string.Create(CultureInfo.InvariantCulture,
                    $"the character U+{(int)text[i]:X4} may not stand in a policy: YAML readers disagree on what it means; remove it"));
            }
        }

        return errors == 0;
    }

    // NUL ends the text for some YAML readers, and NEL, LS and PS end a line for some: the rest of a comment would be policy for them.
    private static bool IsForbidden(char c) => (char.IsControl(c) && c is not ('\t' or '\r')) || c is '\u2028' or '\u2029' or '\ufeff';
}

using System.Text;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>The text of rules and what it needs on this machine. Safe for any number of threads.</summary>
public static class XtablesRuleText
{
    private static readonly char[] s_spaces = [' ', '\t', '\n', '\r'];

    /// <summary>Why rules cannot be parsed or rendered here, and what to do; null if they can. Found out once.</summary>
    public static string? WhyUnavailable => LibxtablesSession.WhyUnavailable;

    /// <summary>
    /// Divides a rule's text into words as iptables-restore does (xshared.c, add_param_to_argv): at spaces, tabs and line ends; double quotes
    /// hold together what is between them, in which a backslash keeps the next character; the closing one ends the word.
    /// </summary>
    /// <exception cref="XtablesRuleException">A quote is not closed.</exception>
    public static IReadOnlyList<string> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains('"', StringComparison.Ordinal))
        {
            return text.Split(s_spaces, StringSplitOptions.RemoveEmptyEntries);
        }

        var words = new List<string>();
        var word = new StringBuilder();
        bool isQuoted = false;
        bool isWord = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '"')
            {
                // The closing quote ends the word, which may be empty.
                isWord = true;
                if (isQuoted)
                {
                    End();
                }

                isQuoted = !isQuoted;
            }
            else if (isQuoted && c == '\\' && i + 1 < text.Length)
            {
                word.Append(text[++i]);
            }
            else if (!isQuoted && c is ' ' or '\t' or '\n' or '\r')
            {
                End();
            }
            else
            {
                word.Append(c);
                isWord = true;
            }
        }

        End();
        return isQuoted ? throw new XtablesRuleException(NetfilterFamily.Unspecified, "a double quote is not closed") : words;

        void End()
        {
            if (isWord)
            {
                words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
        }
    }
}

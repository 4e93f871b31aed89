using System.Text;
using System.Text.Unicode;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>Text in a struct's field of fixed size, and as iptables-save prints it.</summary>
internal static class SavedText
{
    /// <summary>Fills a zeroed field, in which a NUL must remain.</summary>
    public static void Write(string text, Span<byte> field, string what)
    {
        if (Encoding.UTF8.GetByteCount(text) >= field.Length || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"{what} is at most {field.Length - 1} bytes of UTF-8, without NUL");
        }

        Encoding.UTF8.GetBytes(text, field);
    }

    /// <summary>The text of a field, or null if it has no NUL or is not UTF-8.</summary>
    public static string? TryRead(ReadOnlySpan<byte> field)
    {
        int length = field.IndexOf((byte)0);
        return length < 0 || !Utf8.IsValid(field[..length]) ? null : Encoding.UTF8.GetString(field[..length]);
    }

    /// <summary>An option and its text, in quotes unless it is a word (xtables.c, xtables_save_string); nothing if that is empty.</summary>
    public static string Option(string name, string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        var quoted = new StringBuilder($" {name} \"");
        bool isWord = true;
        foreach (char c in text)
        {
            isWord &= char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
            quoted.Append(c is '"' or '\\' or '\'' ? "\\" : "").Append(c);
        }

        return isWord ? $" {name} {text}" : quoted.Append('"').ToString();
    }
}

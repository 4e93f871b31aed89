namespace DcosIsolation.Netlink.Ipset;

/// <summary>What stands between the parts of an element, and the brackets around a name that has a dash itself.</summary>
internal static class IpsetSeparators
{
    /// <summary>Where the first separator is; -1 for none, which is said of a text that begins or ends with it, too.</summary>
    public static int Find(ReadOnlySpan<byte> text, char separator)
    {
        int index = text.IndexOf((byte)separator);
        return index <= 0 || text[^1] == separator ? -1 : index;
    }

    /// <summary>Whether the text is a range as far as its dash goes.</summary>
    public static bool HasRange(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'[', ..])
        {
            int end = text.IndexOf((byte)']');
            return end >= 0 && Find(text[end..], '-') >= 0;
        }

        return Find(text, '-') >= 0;
    }

    /// <summary>Where the dash of a range is, or -1.</summary>
    /// <exception cref="FormatException">The first part's bracket is not closed, or the dash does not follow on it.</exception>
    public static int FindRange(ReadOnlySpan<byte> text)
    {
        if (text is not [(byte)'[', ..])
        {
            return Find(text, '-');
        }

        int end = text.IndexOf((byte)']');
        if (end < 0)
        {
            throw new FormatException(Unclosed(text));
        }

        return end == text.Length - 1 ? -1
            : text[end + 1] == '-' ? end + 1
            : throw new FormatException($"Syntax error: range separator expected after '{Utf8Output.Text(text[..(end + 1)])}'");
    }

    /// <summary>The text without the brackets around it.</summary>
    /// <exception cref="FormatException">There is but the first bracket.</exception>
    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> text) => text switch
    {
        [(byte)'[', .. var name, (byte)']'] => name,
        [(byte)'[', ..] => throw new FormatException(Unclosed(text)),
        _ => text,
    };

    /// <summary>What is wrong with a text that begins with a bracket and does not end with one.</summary>
    public static string Unclosed(ReadOnlySpan<byte> text) =>
        $"Syntax error: cannot find closing escape character ']' in {Utf8Output.Text(text)}";
}

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>
/// The kernel takes any bytes for a name or a comment. One with a newline would print a line of its own, which a restore would carry out.
/// </summary>
internal static class SafeText
{
    /// <summary>The name with a question mark for every control character.</summary>
    public static string Name(string name) =>
        name.Any(char.IsControl) ? string.Concat(name.Select(c => char.IsControl(c) ? '?' : c)) : name;

    /// <summary>Puts a question mark for every control character but the tab, in place.</summary>
    public static void Clean(Span<byte> text)
    {
        foreach (ref byte b in text)
        {
            if (b is < (byte)' ' and not (byte)'\t' or 0x7f)
            {
                b = (byte)'?';
            }
        }
    }
}

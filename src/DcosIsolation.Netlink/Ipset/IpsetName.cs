using System.Buffers;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Set names: the kernel takes anything, so that a name with a newline could forge an <c>ipset save</c>; the library does not.
/// </summary>
public static class IpsetName
{
    /// <summary>The most bytes of a name: IPSET_MAXNAMELEN less its NUL.</summary>
    public const int MaxLength = IpsetConstants.IPSET_MAXNAMELEN - 1;

    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:+~@#%=,/-");

    /// <summary>Whether <paramref name="name"/> has 1 to 31 printable ASCII characters, none of them a space or a quote.</summary>
    public static bool IsValid(ReadOnlySpan<char> name) => name.Length is > 0 and <= MaxLength && !name.ContainsAnyExcept(s_allowed);

    internal static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsValid(name))
        {
            throw new ArgumentException(Refusal(name), nameof(name));
        }
    }
    internal static string Refusal(string name) => $"'{name}' is no set name: 1 to {MaxLength} of A-Z a-z 0-9 _ . : + ~ @ # % = , / -";
}

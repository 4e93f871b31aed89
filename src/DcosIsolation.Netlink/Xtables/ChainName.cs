using System.Text;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Chain names as bytes. Names that the project makes are ASCII; names found in a table may be anything, and Latin-1 takes every byte to a
/// character and back.
/// </summary>
internal static class ChainName
{
    /// <summary>
    /// iptables takes names of up to 28 bytes (XT_EXTENSION_MAXNAMELEN - 1): the name of a chain that is jumped to stands where a target's
    /// stands. libiptc itself takes one more (libiptc.c, TC_CREATE_CHAIN).
    /// </summary>
    public const int MaxLength = 28;

    private static readonly string[] s_reserved = ["ACCEPT", "DROP", "QUEUE", "RETURN"];

    public static void Check(string chain)
    {
        ArgumentException.ThrowIfNullOrEmpty(chain);
        if (chain.Length > MaxLength)
        {
            throw new ArgumentException($"the chain name '{chain}' has {chain.Length} bytes; xtables takes {MaxLength}", nameof(chain));
        }

        if (!IsValid(chain))
        {
            throw new ArgumentException($"'{chain}' cannot name a chain: printable ASCII without spaces, not a verdict", nameof(chain));
        }
    }

    public static bool IsValid(string chain) =>
        chain.Length is >= 1 and <= MaxLength
        && !chain.Any(c => c is <= ' ' or > '~')
        && chain[0] is not ('-' or '!')
        && !s_reserved.Contains(chain);

    public static bool IsVerdict(string target) => s_reserved.Contains(target);

    public static byte[] ToBytes(string chain) => Encoding.Latin1.GetBytes(chain + '\0');

    public static string FromBytes(ReadOnlySpan<byte> name) => Encoding.Latin1.GetString(name);
}

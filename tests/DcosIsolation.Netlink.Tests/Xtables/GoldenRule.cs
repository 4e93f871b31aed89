using System.Globalization;

namespace DcosIsolation.Netlink.Tests.Xtables;

/// <summary>A rule made by iptables itself: see Golden/capture.sh.</summary>
/// <param name="Family">The family.</param>
/// <param name="Command">The command that made it.</param>
/// <param name="Target">What libiptc's get_target says.</param>
/// <param name="Entry">The kernel's bytes.</param>
public sealed record GoldenRule(NetfilterFamily Family, string Command, string Target, byte[] Entry)
{
    public static IReadOnlyList<GoldenRule> All { get; } =
        [.. Read(NetfilterFamily.Inet, "ipv4.txt"), .. Read(NetfilterFamily.Inet6, "ipv6.txt")];

    /// <summary>Whether the kernel's target is the standard one: its name is empty.</summary>
    public bool IsStandard => Target is "DROP" or "ACCEPT" or "RETURN" or "elsewhere";

    private static IEnumerable<GoldenRule> Read(NetfilterFamily family, string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Xtables", "Golden", file);
        foreach (string block in File.ReadAllText(path).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            string[] lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            string[] hex = string.Join(' ', lines[2..]).Split(' ');
            byte[] entry = [.. hex.Select(word => byte.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            yield return new(family, lines[0]["# ".Length..], lines[1]["rule ".Length..], entry);
        }
    }
}

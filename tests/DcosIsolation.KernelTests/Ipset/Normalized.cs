using System.Globalization;
using System.Text.RegularExpressions;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>What two programs print that did the same, without what differs between two runs of one program.</summary>
internal static partial class Normalized
{
    private const int Step = 1000;

    public static Behaviour Of(Behaviour behaviour)
    {
        string output = behaviour.Output;

        // What is left of a timeout: the two programs run seconds apart, and scripts give timeouts that are far from a multiple's edge.
        output = Timeout().Replace(output, match =>
        {
            decimal seconds = decimal.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
            return $"{match.Groups[1].Value}{Math.Ceiling(seconds / Step) * Step}";
        });

        // A seed that the kernel chose for itself, and what follows from it: the order of entries, and the size of the table.
        if (Seeds().Matches(output).Any(match => !IpsetWords.Seeds.Contains(match.Groups[2].Value)))
        {
            output = MemorySize().Replace(Seeds().Replace(output, "$1a seed"), "$1a size");
            output = string.Join('\n', output.Split('\n').Order(StringComparer.Ordinal));
        }

        // After ICMP of the wrong family ipset goes on with what it has left, and says something about that, too.
        return behaviour with { Output = output, Error = WrongIcmp().Replace(behaviour.Error, "$1") };
    }

    [GeneratedRegex(@"(Syntax error: Protocol ICMP\w* can be used with family inet6? only\n)[^\n]*\n")]
    private static partial Regex WrongIcmp();

    [GeneratedRegex(@"(\btimeout |<timeout>)(\d+)")]
    private static partial Regex Timeout();

    [GeneratedRegex(@"(\binitval |<initval>)(0x[0-9a-f]+)")]
    private static partial Regex Seeds();

    [GeneratedRegex(@"(Size in memory: |<memsize>)\d+")]
    private static partial Regex MemorySize();
}

using System.Globalization;

namespace DcosIsolation.Policy.Tests;

/// <summary>What simple rules in text do with a packet: addresses, a protocol, one destination port, and a target that decides or none.</summary>
internal static class OperatorText
{
    /// <summary>Whether a rule matches a packet, and its verdict; null where the next rule is asked. ACCEPT counts as RETURN: it passes.</summary>
    public static (bool Matches, RuleTarget? Verdict) Judge(string text, Packet packet)
    {
        bool matches = true;
        bool negated = false;
        RuleTarget? verdict = null;
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == "!")
            {
                negated = true;
                continue;
            }

            string value = words[i + 1];
            bool isTrue = words[i] switch
            {
                "-s" => Holds(value, packet, packet.Source),
                "-d" => Holds(value, packet, packet.Destination),
                "-p" => Numbers(value).Contains(packet.Protocol),
                "--dport" => packet.Protocol is 6 or 17 && packet.Port == ushort.Parse(value, CultureInfo.InvariantCulture),
                "-j" => true,
                _ => throw new NotSupportedException($"the model knows no {words[i]}"),
            };
            verdict = words[i] != "-j" ? verdict : value switch
            {
                "ACCEPT" or "RETURN" => RuleTarget.Return,
                "DROP" => RuleTarget.Drop,
                "LOG" => null,
                _ => throw new NotSupportedException($"the model knows no {value}"),
            };
            matches &= isTrue != negated;
            negated = false;
            i++;
        }

        return (matches, verdict);
    }

    private static bool Holds(string prefix, Packet packet, UInt128 address) =>
        PolicyBuilder.Prefix(prefix) is var parsed && parsed.Family == packet.Family && parsed.Contains(address);

    private static byte[] Numbers(string protocol) => protocol switch
    {
        "tcp" => [6],
        "udp" => [17],
        "icmp" => [1],
        "ipv6-icmp" => [58],
        _ => throw new NotSupportedException($"the model knows no {protocol}"),
    };
}

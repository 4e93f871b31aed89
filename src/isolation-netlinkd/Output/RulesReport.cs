using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>
/// What <c>show --rules</c> prints: what iptables-save -c says of the project's rules, and iptables-restore -c --noflush takes.
/// </summary>
/// <param name="Inet">IPv4's rules, or null where nothing is in force.</param>
/// <param name="Inet6">IPv6's.</param>
internal sealed record RulesReport(List<ListedRule>? Inet, List<ListedRule>? Inet6)
{
    public void WriteText(TextWriter text)
    {
        if (Inet is null && Inet6 is null)
        {
            text.WriteLine("no policy is in force");
        }

        WriteText(text, Family.Inet, Inet);
        WriteText(text, Family.Inet6, Inet6);
    }

    public void WriteJson(JsonResult json) => json.Objects("rules", [.. Inet ?? [], .. Inet6 ?? []], (ListedRule rule) =>
    {
        json.Writer.WriteString("family", FamilyText.JsonName(rule.Family));
        json.Writer.WriteString("chain", rule.Chain);
        json.Writer.WriteNumber("packets", rule.Counters.Packets);
        json.Writer.WriteNumber("bytes", rule.Counters.Bytes);
        json.Writer.WriteString("rule", rule.Text);
    });

    private static void WriteText(TextWriter text, Family family, List<ListedRule>? rules)
    {
        if (rules is null)
        {
            return;
        }

        text.WriteLine($"# {FamilyText.Name(family)}");
        text.WriteLine($"*{TableReader.Table}");
        text.WriteLine($":{KernelNames.Chain} - [0:0]");
        foreach (ListedRule rule in rules)
        {
            text.WriteLine($"[{rule.Counters.Packets}:{rule.Counters.Bytes}] -A {rule.Chain} {rule.Text}".TrimEnd(' '));
        }

        text.WriteLine("COMMIT");
    }
}

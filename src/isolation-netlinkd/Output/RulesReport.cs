using System.Collections.Immutable;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What <c>show --rules</c> prints: what iptables-save -c says of the project's rules, and iptables-restore -c --noflush takes.</summary>
internal sealed record RulesReport(ImmutableArray<(Family Family, ImmutableArray<ListedRule> Rules)> Families)
{
    public void WriteText(TextWriter text)
    {
        if (Families.IsEmpty)
        {
            text.WriteLine("no policy is in force");
        }

        foreach ((Family family, ImmutableArray<ListedRule> rules) in Families)
        {
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

    public void WriteJson(JsonResult json) =>
        json.Objects("rules", Families.SelectMany(family => family.Rules.Select(rule => (family.Family, rule))), item =>
        {
            json.Writer.WriteString("family", FamilyText.JsonName(item.Family));
            json.Writer.WriteString("chain", item.rule.Chain);
            json.Writer.WriteNumber("packets", item.rule.Counters.Packets);
            json.Writer.WriteNumber("bytes", item.rule.Counters.Bytes);
            json.Writer.WriteString("rule", item.rule.Text);
        });
}

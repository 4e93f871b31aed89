using System.Collections.Immutable;
using System.Globalization;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What <c>show</c> prints: what is in force, as read from the kernel alone.</summary>
internal sealed class ShowReport
{
    private readonly LiveState _live;
    private readonly PendingSwitch? _pending;
    private readonly Dictionary<string, string> _networks;

    /// <param name="live">What is in force.</param>
    /// <param name="pending">What of it waits for being confirmed, or null.</param>
    public ShowReport(LiveState live, PendingSwitch? pending = null)
    {
        (_live, _pending) = (live, pending);

        // The list's members carry the policy's names of the networks, which the sets' own names may shorten.
        _networks = live.Sets.Select(set => set.Content).OfType<ListSet>().SelectMany(list => list.Entries)
            .Where(member => member.Network is not null)
            .GroupBy(member => member.Set, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Network!, StringComparer.Ordinal);
    }

    private IEnumerable<LiveFamily> Families => _live.Families.Where(family => family.IsPresent);

    private DateTimeOffset? AppliedAt => Families.Max(family => family.AppliedAt);

    private string? PolicyDigest => Families.SelectMany(family => family.Chain).Select(rule => rule.Rule?.Comment)
        .Where(RuleComment.NamesPolicy).Select(comment => comment!.Split(' ')[1]).LastOrDefault();

    public void WriteText(TextWriter text)
    {
        if (!Families.Any())
        {
            text.WriteLine("no policy is in force");
        }
        else
        {
            string since = AppliedAt is { } time ? $", applied {Time(time)}" : "";
            text.WriteLine($"policy digest  {PolicyDigest ?? "unknown"}{since}");
            text.WriteLine($"state digest   {StateDigest.Of(_live)}");
        }

        PendingReport.WriteText(text, _pending);
        if (!_live.Sets.IsEmpty)
        {
            text.WriteLine();
            SetTable().WriteTo(text);
        }

        foreach (LiveFamily family in Families)
        {
            text.WriteLine();
            RuleTable(family).WriteTo(text);
        }
    }

    public void WriteJson(JsonResult json)
    {
        json.Writer.WriteBoolean("inForce", Families.Any());
        json.Writer.WriteString("policyDigest", PolicyDigest);
        json.Writer.WriteString("stateDigest", Families.Any() ? StateDigest.Of(_live) : null);
        json.Writer.WriteString("appliedAt", AppliedAt is { } time ? Time(time) : null);
        PendingReport.WriteJson(json, _pending);
        json.Objects("sets", _live.Sets, set =>
        {
            json.Writer.WriteString("name", set.Name);
            json.Writer.WriteString("type", set.TypeName);
            json.Writer.WriteString("family", (set.Content?.Family ?? KernelNames.FamilyOf(set.Name)) is { } family ? FamilyText.JsonName(family) : null);
            json.Writer.WriteString("network", _networks.GetValueOrDefault(set.Name));
            json.Writer.WriteNumber("entries", set.Content?.Count ?? 0);
            json.Writer.WriteNumber("maxelem", set.MaxElem);
            json.Writer.WriteNumber("references", set.References);
            json.Writer.WriteNumber("memoryBytes", set.MemoryBytes);
        });
        json.Objects("rules", Families.SelectMany(family => Rules(family).Select(rule => (family.Family, rule))), item =>
        {
            json.Writer.WriteString("family", FamilyText.JsonName(item.Family));
            json.Writer.WriteString("rule", item.rule.Text);
            json.Writer.WriteNumber("packets", item.rule.Packets);
            json.Writer.WriteNumber("bytes", item.rule.Bytes);
        });
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static IEnumerable<(string Text, ulong Packets, ulong Bytes)> Rules(LiveFamily family) =>
        family.Jumps.Select(jump => ($"-I FORWARD {jump.Position + 1} {jump.Rule.Text}", jump.Rule.Packets, jump.Rule.Bytes))
            .Concat(family.Chain.Select(rule => ($"-A {KernelNames.Chain} {rule.Text}", rule.Packets, rule.Bytes)));

    private TextTable SetTable()
    {
        var table = new TextTable("SET", "TYPE", "NETWORK", "ENTRIES", "MAXELEM", "BYTES");
        foreach (LiveSet set in _live.Sets.OrderBy(set => set.Name, StringComparer.Ordinal))
        {
            string entries = set.Content is { } content ? $"{content.Count}" : "unknown";
            string room = set.MaxElem == 0 ? "" : $"{set.MaxElem}";
            table.AddRow(set.Name, set.TypeName, _networks.GetValueOrDefault(set.Name, ""), entries, room, $"{set.MemoryBytes}");
        }

        return table;
    }

    private static TextTable RuleTable(LiveFamily family)
    {
        var table = new TextTable("PACKETS", "BYTES", $"{FamilyText.Name(family.Family)} RULE");
        foreach ((string text, ulong packets, ulong bytes) in Rules(family))
        {
            table.AddRow($"{packets}", $"{bytes}", text);
        }

        return table;
    }
}

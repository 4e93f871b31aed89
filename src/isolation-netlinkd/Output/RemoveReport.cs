using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What <c>remove</c> prints when it is done.</summary>
internal sealed record RemoveReport(Plan Plan)
{
    private int Sets => Plan.Discard.Length + Plan.Destroy.Length;

    public void WriteText(TextWriter text)
    {
        List<string> removed = [];
        if (Sets > 0)
        {
            removed.Add(Counted.Text(Sets, "set"));
        }

        if (!Plan.Tables.IsEmpty)
        {
            string families = string.Join(" and ", Plan.Tables.Select(table => FamilyText.Name(table.Family)));
            removed.Add($"the chain {KernelNames.Chain} from {families}");
        }

        text.WriteLine(removed.Count == 0 ? "nothing to remove" : $"removed {string.Join(" and ", removed)}");
    }

    public void WriteJson(JsonResult json)
    {
        json.Writer.WriteNumber("setsDestroyed", Sets);
        json.Strings("chainsRemoved", Plan.Tables.Select(table => FamilyText.Name(table.Family)));
    }
}

using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What a plan changes for packets, in the policy's words.</summary>
internal static class VerdictText
{
    private const int MostLines = 50;

    public static void WriteText(TextWriter text, VerdictChanges verdicts, bool verbose)
    {
        foreach (string notice in verdicts.Notices)
        {
            text.WriteLine(Quoted.Escape(notice));
        }

        int count = verbose ? verdicts.Changes.Length : Math.Min(MostLines, verdicts.Changes.Length);
        for (int i = 0; i < count; i++)
        {
            text.WriteLine(Quoted.Escape(verdicts.Changes[i].ToString()));
        }

        if (count < verdicts.Changes.Length)
        {
            text.WriteLine($"and {Counted.Text(verdicts.Changes.Length - count, "more change")} for packets, which -v lists");
        }

        if (verdicts.Changes.Length + verdicts.Notices.Length > 0)
        {
            text.WriteLine();
        }
    }

    public static void WriteJson(JsonResult json, VerdictChanges verdicts)
    {
        json.Objects("verdictChanges", verdicts.Changes, change =>
        {
            if (change.Family is { } family)
            {
                json.Writer.WriteString("family", FamilyText.JsonName(family));
            }

            WriteSide("from", change.From, change.FromAddresses);
            WriteSide("to", change.To, change.ToAddresses);
            json.Writer.WriteString("services", change.Services ?? "everything");
            json.Writer.WriteString("before", Word(change.Before));
            json.Writer.WriteString("after", Word(change.After));
        });
        json.Strings("verdictNotices", verdicts.Notices);

        void WriteSide(string name, string? network, string? addresses)
        {
            json.Writer.WriteString(name, network);
            if (addresses is not null)
            {
                json.Writer.WriteString(name + "Addresses", addresses);
            }
        }
    }

    private static string Word(RulingVerdict verdict) => verdict switch
    {
        RulingVerdict.Rejected => "rejected",
        RulingVerdict.Dropped => "dropped",
        _ => "passes",
    };
}

using DcosIsolation.Daemon.Output;

namespace DcosIsolation.Daemon.Tests.Output;

/// <summary>What a report writes, with lines' trailing blanks cut.</summary>
internal static class ReportText
{
    public static string Of(Action<TextWriter> write)
    {
        using var text = new StringWriter();
        write(text);
        return string.Join('\n', text.ToString().Split('\n').Select(line => line.TrimEnd()));
    }

    public static string Json(Action<JsonResult> write)
    {
        using var text = new StringWriter();
        using var json = new JsonResult(text);
        write(json);
        json.Complete();
        return text.ToString();
    }
}

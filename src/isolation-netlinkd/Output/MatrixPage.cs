using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DcosIsolation.Daemon.Output;

/// <summary>The page of <c>matrix --html</c>: matrix.html with the data inside.</summary>
internal static class MatrixPage
{
    public static void Write(Stream output, MatrixReport report)
    {
        string template = ReadTemplate();

        // Nothing but these two may style or run, whatever the data says, and nothing may be fetched.
        string policy = $"default-src 'none'; style-src {Hash(template, "style")}; script-src {Hash(template, "script")}";
        string[] parts = template.Replace("POLICY", policy, StringComparison.Ordinal).Split("DATA");
        output.Write(Encoding.UTF8.GetBytes(parts[0]));

        // The default encoder escapes < and &, so that no text of the policy's ends the element.
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            report.WriteJson(json);
            json.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetBytes(parts[1]));
    }

    private static string ReadTemplate()
    {
        using Stream stream = typeof(MatrixPage).Assembly.GetManifestResourceStream("matrix.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Hash(string template, string element)
    {
        int start = template.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        int end = template.IndexOf($"</{element}>", start, StringComparison.Ordinal);
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(template[start..end])))}'";
    }
}

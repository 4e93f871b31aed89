using System.Text;
using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

/// <summary>Reads policies from literal text, with subnets files from literal text beside it.</summary>
internal static class Reader
{
    public static PolicyReadResult Read(string text, params (string Path, string Text)[] files) =>
        PolicyReader.Read("policy.yaml", text, path =>
        {
            (string Path, string Text) file = Array.Find(files, file => file.Path == path);
            return file.Text is null ? throw new FileNotFoundException("no such file") : Bytes(file.Text);
        });

    /// <summary>A file of that text, in UTF-8.</summary>
    public static Stream Bytes(string text) => new MemoryStream(Encoding.UTF8.GetBytes(text));

    public static IsolationPolicy Good(string text, params (string Path, string Text)[] files)
    {
        PolicyReadResult result = Read(text, files);
        Assert.Empty(result.Diagnostics);
        return Assert.IsType<IsolationPolicy>(result.Policy);
    }

    /// <summary>The diagnostics, one a line, exactly.</summary>
    public static void Says(string expected, string text, params (string Path, string Text)[] files)
    {
        PolicyReadResult result = Read(text, files);
        Assert.Equal(expected, string.Join('\n', result.Diagnostics));
        Assert.Equal(result.Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error), result.Policy is null);
    }

    /// <summary>One item of hr's subnets, and what is said of it.</summary>
    public static string OfSubnet(string item)
    {
        PolicyReadResult result = Read($"version: 1\nnetworks: {{hr: {{subnets: [{item}]}}}}");
        return string.Join('\n', result.Diagnostics.Select(diagnostic => diagnostic.Message));
    }
}

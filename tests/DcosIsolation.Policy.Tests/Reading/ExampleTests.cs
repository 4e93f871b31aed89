using System.Runtime.CompilerServices;
using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class ExampleTests
{
    public static TheoryData<string> Examples =>
    [
        .. Directory.GetFiles(Root(), "policy.yaml", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root(), path))
            .Order(),
    ];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Examples_read_without_errors(string example)
    {
        PolicyReadResult result = Read(example);
        Assert.DoesNotContain(result.Diagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        Assert.NotNull(result.Policy);
        bool mayWarn = example.StartsWith("overlapping", StringComparison.Ordinal);
        Assert.Equal(mayWarn, result.Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Warning));
    }

    [Fact]
    public void The_first_example_is_the_seeds()
    {
        IsolationPolicy policy = Read("hr-it/policy.yaml").Policy!;
        Assert.Equal("192.168.0.0/16 fd00:1::/64", string.Join(' ', policy.Networks[0].Prefixes));
        Assert.Equal("10.250.0.0/16 fd00:2::/64", string.Join(' ', policy.Networks[1].Prefixes));
        Assert.Equal("80/tcp", string.Join(' ', Assert.Single(policy.Allow).Services));
    }

    private static PolicyReadResult Read(string example)
    {
        string path = Path.Combine(Root(), example);
        return PolicyReader.Read(path, File.ReadAllText(path), File.OpenRead);
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "examples"));
}

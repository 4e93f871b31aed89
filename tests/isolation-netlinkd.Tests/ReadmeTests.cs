using System.Text.RegularExpressions;
using DcosIsolation.Daemon.Commands;
using DcosIsolation.Netlink.Tests;
using Xunit;

namespace DcosIsolation.Daemon.Tests;

/// <summary>What README.md shows is what the programs take.</summary>
public class ReadmeTests
{
    private static readonly string s_readme = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "README.md"));

    [Fact]
    public void The_library_snippet_is_the_example_that_is_built() =>
        Assert.Equal(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "examples", "library", "Program.cs")), Snippet("csharp"));

    [Fact]
    public void The_policy_snippet_is_valid_and_needs_no_warning()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("readme");
        try
        {
            string policy = Path.Combine(directory.FullName, "policy.yaml");
            File.WriteAllText(policy, Snippet("yaml"));
            File.WriteAllText(Path.Combine(directory.FullName, "it.txt"), Snippet("text"));
            var output = new StringWriter();
            var error = new StringWriter();
            int exitCode = CommandLine.Run(["validate", policy], output, error);
            Assert.Equal("", error.ToString());
            Assert.Equal(ExitCode.Done, exitCode);
            Assert.StartsWith($"{policy} is valid: 2 networks", output.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>The one fenced block of a language.</summary>
    private static string Snippet(string language) =>
        Assert.Single(Regex.Matches(s_readme, $"^```{language}\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)).Groups[1].Value;
}

using System.CommandLine;
using System.Diagnostics;
using DcosIsolation.Daemon.Commands;
using DcosIsolation.Netlink.Tests;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Commands;

/// <summary>The manual page and the shell's completion know every command and every option, and no others.</summary>
public sealed class ManualTests
{
    private static readonly RootCommand s_root = CommandLine.Build(TextWriter.Null, TextWriter.Null);

    private static readonly string[] s_names =
        [.. s_root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Commands => [.. s_names];

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_manual_describes_the_command_and_its_options(string name)
    {
        string[] section = Section(name);

        Assert.Equal(
            s_root.Subcommands.Single(command => command.Name == name).Options.Where(option => option is not System.CommandLine.Help.HelpOption)
                .Select(option => option.Name).Order(StringComparer.Ordinal),
            section.Where(line => line.StartsWith(".B --", StringComparison.Ordinal) || line.StartsWith(".BI --", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[1]).Order(StringComparer.Ordinal));
        Assert.All(
            s_root.Subcommands.Single(command => command.Name == name).Arguments,
            argument => Assert.Contains(argument.Name, section[0].Split(' ')));
    }

    [Fact]
    public void The_manual_describes_no_other_command() => Assert.Equal(
        s_names,
        Manual().Where(line => line.StartsWith(".SS ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).Order(StringComparer.Ordinal));

    [Fact]
    public void The_manual_describes_the_options_of_every_command()
    {
        string options = string.Join('\n', Manual().SkipWhile(line => line != ".SH OPTIONS").TakeWhile(line => line != ".SH COMMANDS"));
        Assert.All(s_root.Options, option => Assert.Contains(option.Name, options, StringComparison.Ordinal));
    }

    [Fact]
    public void The_shell_completes_commands() => Assert.Equal(s_names, Complete("").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_shell_completes_the_options_of_a_command(string name)
    {
        Command command = s_root.Subcommands.Single(command => command.Name == name);
        string[] expected = command.Action is null
            ? []
            : [.. command.Options.Concat(s_root.Options.Where(option => option.Recursive)).Select(option => option.Name).Distinct().Order(StringComparer.Ordinal)];

        Assert.Equal(expected, Complete($"{name} --").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ap", "apply")]
    [InlineData("r", "remove", "rollback", "run")]
    [InlineData("--js", "--json")]
    [InlineData("--json sh", "show")]
    [InlineData("apply --conf", "--confirm-within")]
    [InlineData("apply --confirm-within ")]
    [InlineData("confirm ")]
    [InlineData("apply po", "policies", "policy.yaml")]
    [InlineData("apply policies/", "policies/two words.yaml")]
    [InlineData("apply --lock-wait 3 policy", "policy.yaml")]
    [InlineData("run --policy policy", "policy.yaml")]
    [InlineData("iptables-restore pol", "policies", "policy.yaml")]
    [InlineData("frobnicate-", new string[0])]
    public void The_shell_completes(string line, params string[] expected) =>
        Assert.Equal(expected, Complete(line).Order(StringComparer.Ordinal));

    private static string[] Manual() => File.ReadAllText(RepositoryFile("eng/man/isolation-netlinkd.8")).Replace("\\-", "-", StringComparison.Ordinal).Split('\n');

    private static string[] Section(string command)
    {
        string[] lines = [.. Manual().SkipWhile(line => line.Split(' ') is not [".SS", var name, ..] || name != command)];
        return lines is [var first, .. var rest]
            ? [first, .. rest.TakeWhile(line => !line.StartsWith(".S", StringComparison.Ordinal))]
            : throw new InvalidOperationException($"eng/man/isolation-netlinkd.8 has no section '.SS {command}'");
    }

    private static string[] Complete(string line)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("completion");
        try
        {
            File.WriteAllText(Path.Combine(directory.FullName, "policy.yaml"), "");
            directory.CreateSubdirectory("policies");
            File.WriteAllText(Path.Combine(directory.FullName, "policies", "two words.yaml"), "");
            const string Script = "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _isolation_netlinkd; printf '%s\\n' \"${COMPREPLY[@]}\"";
            using Process bash = Process.Start(new ProcessStartInfo(
                "bash",
                ["--norc", "-euc", Script, "bash", RepositoryFile("eng/completion/isolation-netlinkd.bash"), "isolation-netlinkd", .. line.Split(' ')])
            {
                WorkingDirectory = directory.FullName,
                RedirectStandardOutput = true,
            })!;
            string output = bash.StandardOutput.ReadToEnd();
            bash.WaitForExit();
            Assert.Equal(0, bash.ExitCode);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string RepositoryFile(string path) => Path.Combine(RepositoryFiles.Root, path);
}

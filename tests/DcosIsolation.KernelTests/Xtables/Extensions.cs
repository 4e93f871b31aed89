using System.Text;
using System.Text.RegularExpressions;

namespace DcosIsolation.KernelTests.Xtables;

/// <summary>The extensions of iptables that are installed here.</summary>
internal static class Extensions
{
    private static readonly string[] s_directories =
        [.. new[] { Environment.GetEnvironmentVariable("XTABLES_LIBDIR") ?? "", "/usr/lib/x86_64-linux-gnu/xtables", "/usr/lib64/xtables", "/usr/lib/xtables" }
            .Where(Directory.Exists)
            .Take(1)];

    private static readonly string[] s_files =
        [.. s_directories.SelectMany(directory => Directory.GetFiles(directory, "lib*.so")).Where(IsRule).Order(StringComparer.Ordinal)];

    /// <summary>Their names, those of matches and of targets.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_files.Select(NameOf).Distinct()];

    /// <summary>What could be the names of options, in the extension's own file.</summary>
    public static IReadOnlyList<string> OptionsOf(string name) => [.. s_files
        .Where(file => NameOf(file) == name)
        .SelectMany(file => Regex.Matches(Encoding.Latin1.GetString(File.ReadAllBytes(file)), "(?<=\0)[a-z][a-z0-9-]{2,24}(?=\0)"))
        .Select(match => match.Value)
        .Distinct()];

    private static bool IsRule(string file) => Regex.IsMatch(Path.GetFileName(file), "^lib(xt|ipt|ip6t)_");

    private static string NameOf(string file) => Path.GetFileNameWithoutExtension(file).Split('_', 2)[1];
}

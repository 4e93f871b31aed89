using System.Globalization;
using System.Runtime.InteropServices;

namespace DcosIsolation.Scale;

/// <summary>What the figures hold for: machine, kernel, versions, and how busy the machine was when it began.</summary>
internal sealed record Machine(string Hardware, string System, string Load, string Versions)
{
    public static Machine Look(string root)
    {
        string cpu = Value("/proc/cpuinfo", "model name", ':') ?? RuntimeInformation.ProcessArchitecture.ToString();
        double kib = double.Parse(Value("/proc/meminfo", "MemTotal", ':')!.Split(' ')[0], CultureInfo.InvariantCulture);
        string distribution = Value("/etc/os-release", "PRETTY_NAME", '=') ?? "an unknown distribution";
        string?[] versions =
        [
            RuntimeInformation.FrameworkDescription,
            Sandbox.FirstLine("ipset", "version")?.Split(',')[0] ?? "no ipset",
            Sandbox.FirstLine("nft", "--version")?.Split('(')[0].Trim() ?? "no nft",
            Sandbox.FirstLine("iptables-legacy", "--version") ?? "no iptables-legacy",
        ];
        return new Machine(
            string.Create(CultureInfo.InvariantCulture, $"{cpu}, {Environment.ProcessorCount} cores, {kib / 1024 / 1024:0} GiB"),
            $"{distribution}, Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}",
            string.Join(", ", File.ReadAllText("/proc/loadavg").Split(' ')[..3]),
            $"commit {Commit(root)}; {string.Join(", ", versions)}");
    }

    private static string? Value(string file, string name, char separator) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(separator)[1].Trim(' ', '"');

    private static string Commit(string root)
    {
        string? commit = Sandbox.FirstLine("git", "-C", root, "rev-parse", "--short=12", "HEAD");
        string? changed = Sandbox.FirstLine(
            "git", "-C", root, "status", "--porcelain", "--", "src", "native-tests", "bench/DcosIsolation.Scale");
        return commit is null ? "unknown" : string.IsNullOrEmpty(changed) ? commit : commit + " with changes";
    }
}

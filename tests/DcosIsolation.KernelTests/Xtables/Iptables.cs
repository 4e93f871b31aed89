using System.Diagnostics;
using DcosIsolation.Netlink;

namespace DcosIsolation.KernelTests.Xtables;

/// <summary>The real iptables-legacy, in the calling thread's network namespace, with a lock file that no one else uses.</summary>
internal static class Iptables
{
    public static string Save(NetfilterFamily family) => Run($"{Prefix(family)}-save", "-c -t filter");

    public static void Restore(NetfilterFamily family, string rules) => Run($"{Prefix(family)}-restore", "-c", rules);

    public static void Call(NetfilterFamily family, string arguments) => Run(Prefix(family), arguments);

    public static string Run(string program, string arguments, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XTABLES_LOCKFILE"] = "/dev/null";
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {arguments}: {error.Result}");
    }

    private static string Prefix(NetfilterFamily family) => family == NetfilterFamily.Inet ? "iptables-legacy" : "ip6tables-legacy";
}

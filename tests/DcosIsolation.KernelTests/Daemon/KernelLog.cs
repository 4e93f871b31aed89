using DcosIsolation.Lab;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>The kernel's log, which takes the lines of every network namespace until this is disposed of.</summary>
internal sealed class KernelLog : IDisposable
{
    // There only in the network namespace that the machine booted with.
    private const string AllNamespaces = "/proc/sys/net/netfilter/nf_log_all_netns";

    private KernelLog() => Write("1");

    /// <summary>Null where the tests are not in the network namespace that the machine booted with.</summary>
    public static KernelLog? Open() => NetworkNamespace.RunAtHome(() => File.Exists(AllNamespaces)) ? new() : null;

    /// <summary>All lines since the machine booted, as far as the kernel still has them.</summary>
    public static string[] Lines(Node node) => node.Exec(["dmesg"]).EnsureSuccess().Output.Split('\n');

    public void Dispose() => Write("0");

    private static void Write(string value) => NetworkNamespace.RunAtHome(() =>
    {
        File.WriteAllText(AllNamespaces, value);
        return true;
    });
}

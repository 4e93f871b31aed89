using DcosIsolation.Lab;
using DcosIsolation.Netlink.Tests;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Without a libxtables that is understood rules as text are refused, with the reason, and all else works.</summary>
public sealed class WithoutLibxtablesTests : IDisposable
{
    private const string WithRules = Policies.HrIt + "\nrules:\n  first: [{ipv4: '-s 192.0.2.1 -j ACCEPT'}]\n";

    private readonly Node _node = new();

    public void Dispose() => _node.Dispose();

    public static TheoryData<string, string> Ways => new()
    {
        { "missing", "install libxtables12" },
        { "unknown", "in a way that is not known here" },
        { "no extensions", "extensions of iptables cannot be loaded" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Text_is_refused_with_the_reason_and_all_else_works(string way, string reason)
    {
        Run(way, "apply", _node.Policy(Policies.HrIt)).EnsureSuccess();
        Assert.Contains("nothing to do", Run(way, "apply", _node.Policy(Policies.HrIt)).EnsureSuccess().Output, StringComparison.Ordinal);
        Run(way, "show").EnsureSuccess();
        Run(way, "apply", _node.Policy(Policies.HrItMore)).EnsureSuccess();
        string before = _node.Everything();

        foreach (string[] command in (string[][])[["apply", _node.Policy(WithRules)], ["plan", _node.Policy(WithRules)], ["show", "--rules"]])
        {
            ProgramResult refused = Run(way, command);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(reason, refused.Error, StringComparison.Ordinal);
        }

        ProgramResult restored = _node.Exec(Command(way, "iptables-restore"), "*filter\n-A INPUT -j ACCEPT\nCOMMIT\n");
        Assert.NotEqual(0, restored.ExitCode);
        Assert.Contains(reason, restored.Error, StringComparison.Ordinal);
        Assert.Equal(before, _node.Everything());

        // What the kernel isn't needed for is checked, and what could not be is said.
        ProgramResult valid = Run(way, "validate", "-v", _node.Policy(WithRules));
        Assert.Equal(0, valid.ExitCode);
        Assert.Contains(reason, valid.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void With_it_the_same_commands_work()
    {
        _node.Run("apply", _node.Policy(WithRules)).EnsureSuccess();
        _node.Run("show", "--rules").EnsureSuccess();
        _node.Exec(_node.Netlinkd("iptables-restore"), "*filter\n-A INPUT -j ACCEPT\nCOMMIT\n").EnsureSuccess();
    }

    private ProgramResult Run(string way, params string[] arguments) => _node.Exec(Command(way, arguments));

    private string[] Command(string way, params string[] arguments) => way switch
    {
        "missing" => ["unshare", "--mount", "sh", "-c", Hide, "sh", .. _node.Netlinkd(arguments)],
        "unknown" => ["env", $"LD_LIBRARY_PATH={UnknownLibrary()}", .. _node.Netlinkd(arguments)],
        _ => ["env", "XTABLES_LIBDIR=/nonexistent", .. _node.Netlinkd(arguments)],
    };

    private string Hide =>
        "for lib in $(/sbin/ldconfig -p | sed -n 's/^\tlibxtables.so.12 .*=> //p'); do mount --bind "
        + $"{_node.Write("empty", "")} $lib || exit 9; done; exec \"$@\"";

    /// <summary>native-tests/unknown-libxtables.c.</summary>
    private static string UnknownLibrary()
    {
        string path = Path.Combine(RepositoryFiles.Root, "native-tests", "build", "unknown");
        return File.Exists(Path.Combine(path, "libxtables.so.12"))
            ? path
            : throw new FileNotFoundException("native-tests has not been built; run make -C native-tests");
    }
}

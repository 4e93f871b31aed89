using DcosIsolation.Lab;
using DcosIsolation.Netlink.Tests;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>
/// The commands and the daemon with what the systemd unit leaves them: two capabilities, its system calls, no memory that is written and
/// executed, four families of sockets. native-tests/hardened.c does what systemd does.
/// </summary>
public sealed class HardenedTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Node _node = new();
    private readonly string _allowed = File.ReadAllText(Native("allowed-calls"));

    /// <summary>Loads the modules that the unit's user may not load, as modules-load.d does; what the kernel has built in or lacks is no matter.</summary>
    public HardenedTests()
    {
        string list = Path.Combine(RepositoryFiles.Root, "eng", "systemd", "modules-load.conf");
        const string Load = "$(cat /proc/sys/kernel/modprobe) -aq \"$@\"";
        _node.Exec(["sh", "-c", Load, "sh", .. File.ReadAllLines(list).Where(line => !line.StartsWith('#'))]);
    }

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Every_command_works()
    {
        string policy = _node.Policy(Policies.HrIt);

        Run("validate", policy);
        Assert.Equal(3, Exec(Hardened(_node.Netlinkd("plan", policy))).ExitCode);
        Run("apply", policy);
        Run("show");
        Run("show", "--rules");
        Run("trace", "10.0.0.1", "10.0.0.2", "--for", "1s");
        Assert.Equal(0, _node.Plan(Policies.HrIt).ExitCode);
        Run("remove");
        Assert.Empty(_node.SetNames());
    }

    [Fact]
    public void The_daemon_applies_repairs_and_ends()
    {
        string policy = _node.Policy(Policies.HrIt + "\nrules:\n  first: [{ipv4: '-s 192.0.2.1 -m limit --limit 3/second -j ACCEPT'}]\n");
        string[] command = Hardened(_node.Netlinkd("run", "--policy", policy, "--verify-interval", "1s"));
        using RunningProgram daemon = _node.Space.Start(command[0], command[1..], _allowed);
        daemon.WaitForOutput("in force: policy ", s_patience);

        _node.Reference("iptables-legacy -F dcos-isolation");
        daemon.WaitForOutput("put back: ", s_patience);
        File.WriteAllText(policy, Policies.HrItMore);
        daemon.WaitForOutput("reads the policy again", s_patience);
        daemon.Signal(15);
        Assert.Equal(0, daemon.WaitForExit(s_patience).ExitCode);
    }

    [Fact]
    public void What_the_unit_takes_away_is_gone()
    {
        string status = Exec(Hardened(["/bin/cat", "/proc/self/status"])).EnsureSuccess().Output;
        foreach (string set in new[] { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" })
        {
            Assert.Contains($"{set}:\t0000000000003000\n", status, StringComparison.Ordinal);
        }

        Assert.Contains("NoNewPrivs:\t1\n", status, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2\n", status, StringComparison.Ordinal);

        Assert.Equal("2\n", _node.Exec([Native("writable-code")]).EnsureSuccess().Output);
        Assert.Equal("0\n", Exec(Hardened([Native("writable-code")])).EnsureSuccess().Output);

        // Not the unit's: mounting is no @system-service.
        Assert.NotEqual(0, Exec(Hardened(["/bin/mount", "-t", "tmpfs", "none", "/mnt"])).ExitCode);
    }

    /// <summary>As the unit's user, to whose group tmpfiles.d gives the lock, that it may read and not write.</summary>
    [SkippableFact]
    public void A_user_of_its_own_keeps_a_policy_in_force()
    {
        const string User = "4242";
        Skip.If(File.ReadAllLines("/proc/self/uid_map") is not [var all] || !all.EndsWith("4294967295", StringComparison.Ordinal), "needs users beside its own");
        string policy = _node.Policy(Policies.HrIt);
        string binary = _node.PathOf("isolation-netlinkd");
        File.Copy(Node.Binary, binary);
        string runtime = Directory.CreateDirectory(_node.PathOf("run")).FullName;
        _node.Write("xtables.lock", "");
        Become($"chown {User} {runtime}", $"chown 0:{User} {_node.LockFile}", $"chmod 640 {_node.LockFile}", $"chmod 755 {binary}", $"chmod 644 {policy}");
        for (DirectoryInfo at = Directory.GetParent(policy)!; at.FullName != "/tmp" && at.Parent is not null; at = at.Parent)
        {
            Become($"chmod a+x {at.FullName}");
        }

        string[] command = ["env", $"XTABLES_LOCKFILE={_node.LockFile}", $"RUNTIME_DIRECTORY={runtime}", Native("hardened"), "-u", User, binary];
        using RunningProgram daemon = _node.Space.Start(command[0], [.. command[1..], "run", "--policy", policy, "--verify-interval", "1s"], _allowed);
        daemon.WaitForOutput("in force: policy ", s_patience);
        Assert.Contains($"\nUid:\t{User}\t{User}\t{User}\t{User}\n", File.ReadAllText($"/proc/{daemon.Id}/status"), StringComparison.Ordinal);

        _node.Reference("iptables-legacy -F dcos-isolation");
        daemon.WaitForOutput("put back: ", s_patience);
        daemon.Signal(15);
        Assert.Equal(0, daemon.WaitForExit(s_patience).ExitCode);
        Assert.Equal(0, _node.Plan(Policies.HrIt).ExitCode);

        // Where nobody gave the group the lock the daemon says what is wrong.
        Become($"chmod 600 {_node.LockFile}");
        ProgramResult refused = Exec([.. command, "apply", policy]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"cannot open the xtables lock file {_node.LockFile}", refused.Error, StringComparison.Ordinal);

        void Become(params string[] commands)
        {
            foreach (string one in commands)
            {
                _node.Exec(one.Split(' ')).EnsureSuccess();
            }
        }
    }

    private void Run(params string[] arguments) => Exec(Hardened(_node.Netlinkd(arguments))).EnsureSuccess();

    private ProgramResult Exec(string[] command) => _node.Exec(command, _allowed);

    private static string[] Hardened(string[] command) =>
        command[0] == "env" ? [.. command[..2], Native("hardened"), .. command[2..]] : [Native("hardened"), .. command];

    private static string Native(string name)
    {
        string path = Path.Combine(RepositoryFiles.Root, "native-tests", "build", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"there is no native-tests/build/{name}; run make -C native-tests first");
    }
}

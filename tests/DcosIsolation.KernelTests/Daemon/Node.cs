using DcosIsolation.Lab;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Tests;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>
/// A node to apply policies on: a namespace, the binary and the reference programs in it, a directory for policy files, and an xtables lock
/// of its own, so that tests don't wait for each other.
/// </summary>
internal sealed class Node : IDisposable
{
    /// <summary>The path of the binary.</summary>
    public static readonly string Binary = FindBinary();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("node");
    private readonly bool _ownsSpace;

    public Node()
        : this(NetworkNamespace.Create("node")) => _ownsSpace = true;

    public Node(NetworkNamespace space) => Space = space;

    public NetworkNamespace Space { get; }

    /// <summary>The lock that the binary and the reference programs take here.</summary>
    public string LockFile => PathOf("xtables.lock");

    /// <summary>The command line that runs the binary here, for whatever runs it in its own way.</summary>
    public string[] Netlinkd(params string[] arguments) => WithLock([Binary, .. arguments]);

    /// <summary>Runs the binary for so many seconds at most, and then kills it; with the machine's own xtables lock.</summary>
    public ProgramResult RunFor(string seconds, params string[] arguments) =>
        Exec(["timeout", "--foreground", "--signal=KILL", seconds, Binary, .. arguments]);

    /// <summary>Writes a file next to the policies and returns its path.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>Where <see cref="Policy"/> writes.</summary>
    public string PolicyPath => PathOf("policy.yaml");

    /// <summary>The path of a file next to the policies.</summary>
    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    public string Policy(string yaml) => Write("policy.yaml", yaml);

    /// <summary>Runs the binary.</summary>
    public ProgramResult Run(params string[] arguments) => Exec(Netlinkd(arguments));

    /// <summary>Applies a policy, which must work.</summary>
    public ProgramResult Apply(string yaml) => Run("apply", Policy(yaml)).EnsureSuccess();

    public ProgramResult Plan(string yaml) => Run("plan", Policy(yaml));

    public ProgramResult Exec(string[] command, string? input = null) => Space.Exec(command[0], command[1..], input);

    /// <summary>Runs a reference program, which must work, and returns what it printed.</summary>
    public string Reference(string commandLine, string? input = null) =>
        Exec(WithLock(commandLine.Split(' ')), input).EnsureSuccess().Output;

    /// <summary>A family's filter table with counters, without dates.</summary>
    public string Rules(bool isInet6) => string.Join(
        '\n',
        Exec([$"{(isInet6 ? "ip6tables" : "iptables")}-legacy-save", "-c", "-t", "filter"]).EnsureSuccess().Output.Split('\n')
            .Where(line => !line.StartsWith('#')));

    public string Sets() => Space.Exec("ipset", "save").EnsureSuccess().Output;

    public string[] SetNames() =>
    [
        .. Space.Exec("ipset", "list", "-name").EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>All of the kernel's state that an apply could change, indexes of sets and bytes of rules too, as text to compare.</summary>
    public string Everything() => string.Join('\n', Rules(false), Rules(true), Sets(), Space.Run(Bytes));

    public void Dispose()
    {
        if (_ownsSpace)
        {
            Space.Dispose();
        }

        _directory.Delete(recursive: true);
    }

    private string[] WithLock(string[] command) => ["env", $"XTABLES_LOCKFILE={LockFile}", .. command];

    private static string Bytes()
    {
        using var ipset = IpsetClient.Open();
        return string.Join('\n',
        [
            .. ipset.List().Select(set => $"{set.Name} index {set.Index} references {set.References} elements {set.Elements}"),
            .. Xtables.ForeignRules.Bytes(NetfilterFamily.Inet, without: ""),
            .. Xtables.ForeignRules.Bytes(NetfilterFamily.Inet6, without: ""),
        ]);
    }

    private static string FindBinary()
    {
        string path = Environment.GetEnvironmentVariable("ISOLATION_NETLINKD")
            ?? Path.Combine(RepositoryFiles.Root, "artifacts", "isolation-netlinkd");
        return File.Exists(path) ? path : throw new FileNotFoundException("there is no isolation-netlinkd; run ./build.sh first", path);
    }
}

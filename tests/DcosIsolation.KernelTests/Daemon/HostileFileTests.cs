using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using DcosIsolation.Lab;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Files that are no policy, and mean harm: they are refused at once and without memory, and what is in force stays.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class HostileFileTests(ITestOutputHelper output) : IDisposable
{
    private const long MostMemory = 100 << 20;
    private const string Policy = "version: 1\nnetworks: {a: {subnets-file: a.txt}, b: {subnets: [10.2.0.0/16]}}\n";

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(10);

    private readonly Node _node = new();

    public void Dispose() => _node.Dispose();

    /// <summary>What is put where the policy is, or with <c>a.txt</c> where its subnets are, and what is said of it.</summary>
    private sealed record Hostile(string Name, string Reason, Action<string> Make, string File = "policy.yaml", bool OnlyDaemon = false);

    // The reader is the same on every kernel; User Mode Linux, where each takes a second, gets half of them.
    private static IEnumerable<Hostile> Cases => All.Where((_, i) => !OtherTime.IsPossible || i % 2 == 1);

    private static Hostile[] All =>
    [
        new("link", "it is a symbolic link", path => File.CreateSymbolicLink(path, "valid.yaml"), OnlyDaemon: true),
        new("link in a circle", "symbolic link", path => File.CreateSymbolicLink(path, "policy.yaml")),
        new("writable by all", "has mode 666", path => Write(path, Policy, mode: 0b110_110_110), OnlyDaemon: true),
        new("another user's", "it belongs to user 1 ", path => Write(path, Policy, owner: "1"), OnlyDaemon: true),
        new("pipe", "it is not a regular file", path => Run("mkfifo", path)),
        new("directory", "it is a directory", path => Directory.CreateDirectory(path)),
        new("device", "it is not a regular file", path => Run("mknod", path, "c", "1", "5")),
        new("sparse gigabyte", "the file has more than 16777216 characters", path => Write(path, "", length: 1L << 30)),
        new("deep lists", ":2:26: error: lists and mappings are nested deeper", Text("version: 1\nnetworks: " + Repeat("[", 100_000))),
        new("deep mappings", ":2:71: error: lists and mappings are nested", Text("version: 1\nnetworks: " + Repeat("{a: ", 100_000))),
        new("NUL", ":1:11: error: the character U+0000 may not stand in a policy", Text("version: 1\0\nnetworks: {}\n")),
        new("UTF-16", "it is not UTF-8 text", Utf16(Policy)),
        new("key twice", ":2:1: error: ", Text("version: 1\nversion: 1\nnetworks: {a: {subnets: [10.0.0.0/8]}}\n")),
        new("network twice", ":4:3: error: ", Text("version: 1\nnetworks:\n  a: {subnets: [10.0.0.0/8]}\n  a: {subnets: [10.0.0.0/9]}\n")),
        new("empty", ":1:1: error: ", Text("")),
        new("noise", "it is not UTF-8 text", Noise()),
        new("aliases", ":3:6: error: '&a' is a YAML anchor", Text("version: 1\nnetworks:\n  a: &a [x, x]\n" + AliasBomb())),
        new("errors", "not valid", Text("version: 1\nnetworks:\n" + Repeat("  - ?\n", 100_000))),
        new("pipe", "a.txt': it is not a regular file", path => Run("mkfifo", path), "a.txt"),
        new("directory", "a.txt': it is a directory", path => Directory.CreateDirectory(path), "a.txt"),
        new("link", "a.txt': it is a symbolic link", path => File.CreateSymbolicLink(path, "/etc/passwd"), "a.txt", OnlyDaemon: true),
        new("writable by all", "a.txt': it belongs to user 0 and has mode", path => Write(path, "", mode: 0b110_110_110), "a.txt", true),
        new("sparse gigabyte", "a.txt:1:", path => Write(path, "", length: 1L << 30), "a.txt"),
        new("one line", "a.txt:1:", Text(new string('1', 20_000_000)), "a.txt"),
        new("UTF-16", "a.txt': it is not UTF-8 text", Utf16("10.1.0.0/16\n"), "a.txt"),
        new("noise", "a.txt': it is not UTF-8 text", Noise(), "a.txt"),
        new("empty", ":2:12: error: the network 'a' has no prefix", Text(""), "a.txt"),
    ];

    [Fact]
    public void Apply_refuses_them_at_once_and_changes_nothing()
    {
        _node.Apply(Policies.HrIt);
        string before = _node.Everything();
        foreach (Hostile hostile in Cases.Where(hostile => !hostile.OnlyDaemon))
        {
            WriteValid(1);
            if (!TryReplace(hostile))
            {
                continue;
            }

            long start = Stopwatch.GetTimestamp();
            string[] command = _node.Netlinkd("apply", _node.PolicyPath);
            using RunningProgram apply = _node.Space.Start(command[0], command[1..]);
            long peak = 0;
            while (!apply.HasExited)
            {
                peak = Math.Max(peak, PeakOf(apply.Id));
                Thread.Sleep(2);
            }

            ProgramResult result = apply.WaitForExit(s_soon);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            output.WriteLine($"{hostile.File}, {hostile.Name}: {took.TotalSeconds:0.00} s, {peak >> 10} kB: {result.Error.Split('\n')[0]}");
            Assert.True(result.ExitCode == 2, $"{hostile.Name}: exit status {result.ExitCode}: {result.Output}{result.Error}");
            Assert.Contains(_node.PolicyPath, result.Error, StringComparison.Ordinal);
            Assert.Contains(hostile.Reason, result.Error, StringComparison.Ordinal);
            Assert.True(took < s_soon && peak < MostMemory, $"{hostile.Name}: {took}, {peak} bytes");
        }

        Assert.Equal(before, _node.Everything());
    }

    [Fact]
    public void The_daemon_keeps_what_is_in_force_repairs_it_and_follows_the_next_valid_file()
    {
        WriteValid(0);
        using RunningDaemon daemon = RunningDaemon.Start(_node, _node.PolicyPath, "1s");
        int number = 0;
        foreach (Hostile hostile in Cases)
        {
            // Repairs and all of the kernel's state are looked at with some of them only: they take a while in User Mode Linux.
            bool isThorough = number % 4 == 0;
            string before = State();
            int logged = daemon.Log.Length;
            if (!TryReplace(hostile))
            {
                continue;
            }

            TimeSpan told = AwaitLog("; what is in force stays", since: logged);
            Assert.Contains(hostile.Reason, daemon.Log[logged..], StringComparison.Ordinal);
            Assert.Equal(before, State());
            if (isThorough)
            {
                ForeignChange.DeleteJump(_node);
                TimeSpan repaired = daemon.Await(() => ForeignChange.IsJumpFirst(_node), "the jump");
                output.WriteLine($"repaired after {repaired.TotalSeconds:0.00} s");
            }

            WriteValid(++number);
            TimeSpan followed = AwaitLog("in force: policy ", since: logged);
            Assert.Contains($"10.1.{number}.0/24", _node.Sets(), StringComparison.Ordinal);
            var usage = daemon.Usage();
            output.WriteLine(
                $"{hostile.File}, {hostile.Name}: told after {told.TotalSeconds:0.00} s, "
                + $"the next followed after {followed.TotalSeconds:0.00} s; {usage.Resident >> 10} kB, at most {usage.Peak >> 10} kB");

            string State() => isThorough ? _node.Everything() : _node.Sets();
        }

        // What was read and thrown away is given back.
        Assert.InRange(daemon.Usage().Peak, 0, MostMemory);
        Assert.InRange(daemon.Usage().Resident, 0, MostMemory / 3);
        daemon.Stop();

        TimeSpan AwaitLog(string text, int since) =>
            daemon.Await(() => daemon.Log[since..].Contains(text, StringComparison.Ordinal), text);
    }

    private void WriteValid(int number)
    {
        Put("a.txt", path => Write(path, $"10.1.{number}.0/24\n"));
        Put("policy.yaml", path => Write(path, Policy));
        _node.Write("valid.yaml", Policy);
    }

    /// <summary>Puts a hostile file in its place; false where this kernel's root may not make such a one.</summary>
    private bool TryReplace(Hostile hostile)
    {
        try
        {
            Put(hostile.File, hostile.Make);
            return true;
        }
        catch (UnauthorizedAccessException e)
        {
            output.WriteLine($"{hostile.File}, {hostile.Name}: left out, {e.Message}");
            return false;
        }
    }

    // As whoever means it does: made beside, and renamed.
    private void Put(string name, Action<string> make)
    {
        string path = _node.PathOf(name);
        string next = _node.PathOf("next");
        File.Delete(next);
        make(next);
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
        {
            Directory.Delete(path);
        }

        if (Directory.Exists(next))
        {
            File.Delete(path);
            Directory.Move(next, path);
        }
        else
        {
            File.Move(next, path, overwrite: true);
        }
    }

    private static Action<string> Text(string text) => path => File.WriteAllText(path, text);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    // Each level twice the one before: 2^25 of them.
    private static string AliasBomb() => string.Concat(
        "bcdefghijklmnopqrstuvwxyz".Select(letter => $"  {letter}: &{letter} [*{(char)(letter - 1)}, *{(char)(letter - 1)}]\n"));

    private static Action<string> Utf16(string text) => path => File.WriteAllBytes(path, [0xff, 0xfe, .. Encoding.Unicode.GetBytes(text)]);

    private static Action<string> Noise()
    {
        byte[] bytes = new byte[1 << 20];
        new Random(1).NextBytes(bytes);
        return path => File.WriteAllBytes(path, bytes);
    }

    private static void Write(string path, string text, int mode = 0b110_100_100, string owner = "0", long length = 0)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)mode);
        if (length > 0)
        {
            using FileStream file = File.OpenWrite(path);
            file.SetLength(length);
        }

        if (owner != "0")
        {
            Run("chown", owner, path);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new UnauthorizedAccessException($"{program} {string.Join(' ', arguments)}: exit status {process.ExitCode}");
        }
    }

    private static long PeakOf(int process)
    {
        try
        {
            using Process running = Process.GetProcessById(process);
            return running.PeakWorkingSet64;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended.
            return 0;
        }
    }
}

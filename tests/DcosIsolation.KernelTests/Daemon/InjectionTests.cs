using System.Diagnostics;
using System.Globalization;
using DcosIsolation.KernelTests.UnderTraffic;
using DcosIsolation.Lab;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>
/// An apply that is killed at each of its system calls, or to which a system call says that it failed: each family then has the whole old
/// policy or the whole new one, and the next apply cleans up. On the machine's own kernel at every point; INJECTION_STEP=n for every n-th.
/// </summary>
public sealed class InjectionTests(ITestOutputHelper output) : IDisposable
{
    // A process under strace takes seconds in User Mode Linux.
    private const int StepElsewhere = 25;

    private static readonly string[] s_errors = ["ENOBUFS", "EINTR", "EAGAIN", "ENOMEM"];

    private readonly Node _node = new();

    private static int Step =>
        int.TryParse(Environment.GetEnvironmentVariable("INJECTION_STEP"), NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step
        : Scenarios.IsSlowKernel ? StepElsewhere
        : 1;

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public void A_signal_at_any_system_call_leaves_a_whole_policy(string signal)
    {
        var policies = new TwoPolicies(_node);
        (string Name, int Count)[] calls = Calls(policies.Paths[0]);
        int current = 0;
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int points = 0;
        for (int i = 0; i < calls.Length; i += Step)
        {
            int target = 1 - current;
            ProgramResult result = Inject(policies.Paths[target], $"{calls[i].Name}:signal={signal}:when={calls[i].Count}");
            (int[] found, bool leftovers) = policies.Find();
            string outcome = result.ExitCode == 0 ? "completed" : found[0] != found[1] ? "one family" : found[0] == target ? "new" : "old";
            outcome += leftovers ? " with leftovers" : "";
            counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
            current = found[0];
            if (++points % 50 == 0)
            {
                policies.AssertInForce(found);
                policies.AssertRecovers(target);
                current = target;
            }
        }

        policies.AssertRecovers(1 - current);
        string summary = $"SIG{signal} at {points} of {calls.Length} system calls: "
            + string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"));
        output.WriteLine(summary);
        Assert.True(calls.Length >= 500, summary);
        Assert.True(counts.Count >= 3, summary);
    }

    [Fact]
    public void An_error_of_any_send_receive_or_setsockopt_leaves_the_old_policy_or_the_new_one()
    {
        var policies = new TwoPolicies(_node);
        (string Name, int Count)[] calls = [.. Calls(policies.Paths[0]).Where(call => call.Name is "sendto" or "sendmsg" or "recvfrom" or "recvmsg"
            or "setsockopt")];
        Assert.Contains(calls, call => call.Name == "setsockopt");
        int current = 0;
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var longest = (Time: TimeSpan.Zero, Point: "");
        int points = 0;
        for (int i = 0; i < calls.Length * s_errors.Length; i += Step)
        {
            int target = 1 - current;
            (string name, int count) = calls[i / s_errors.Length];
            string error = s_errors[i % s_errors.Length];
            string point = $"{name}:error={error}:when={count}";
            long start = Stopwatch.GetTimestamp();
            ProgramResult result = Inject(policies.Paths[target], point);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            longest = took > longest.Time ? (took, point) : longest;
            (int[] found, _) = policies.Find();

            // Whole in both families: what was done before the error was taken back, or the error was none.
            int expected = result.ExitCode == 0 ? target : current;
            Assert.True(
                result.ExitCode is 0 or 1 && found[0] == expected && found[1] == expected,
                $"{point}: exit status {result.ExitCode}, {found[0]} and {found[1]} in force instead of {expected}\n{result.Error}");
            Assert.True(result.ExitCode == 0 || result.Error.StartsWith("isolation-netlinkd: ", StringComparison.Ordinal), $"{point}: {result.Error}");
            Assert.False(result.Error.Contains("internal error", StringComparison.Ordinal), $"{point}: {result.Error}");
            string outcome = $"{name} {error} {(result.ExitCode == 0 ? "overcome" : "refused")}";
            counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
            current = expected;
            if (++points % 50 == 0)
            {
                policies.AssertRecovers(target);
                current = target;
            }
        }

        policies.AssertRecovers(1 - current);
        output.WriteLine($"{points} points, the longest {longest.Time.TotalSeconds:0.0} s at {longest.Point}: "
            + string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}")));
    }

    /// <summary>The system calls of an apply's main thread, each with how many of its name came up to then.</summary>
    private (string Name, int Count)[] Calls(string path)
    {
        string log = _node.Write("strace.log", "");
        Strace(path, "-o", log).EnsureSuccess();
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        string? main = null;
        var calls = new List<(string Name, int Count)>();
        foreach (string line in File.ReadLines(log))
        {
            // 1234  sendto(3, ... and, when two threads were at it, 1234  <... sendto resumed>
            string[] words = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            main ??= words[0];
            int bracket = words[1].IndexOf('(', StringComparison.Ordinal);
            string name = bracket > 0 ? words[1][..bracket] : "";
            if (words[0] == main && name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && name != "execve")
            {
                counts[name] = counts.GetValueOrDefault(name) + 1;
                calls.Add((name, counts[name]));
            }
        }

        return [.. calls];
    }

    private ProgramResult Inject(string path, string what) => Strace(path, "-o", "/dev/null", "-e", $"inject={what}");

    private ProgramResult Strace(string path, params string[] options)
    {
        string[] apply = _node.Netlinkd("apply", path);
        int program = Array.IndexOf(apply, Node.Binary);
        return _node.Exec([.. apply[..program], "strace", "-f", "-qq", .. options, .. apply[program..]]);
    }
}

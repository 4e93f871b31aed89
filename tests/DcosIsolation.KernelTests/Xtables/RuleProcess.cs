using System.Diagnostics;
using System.Globalization;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;
using Xunit;
using Xunit.Sdk;

namespace DcosIsolation.KernelTests.Xtables;

/// <summary>
/// A process of its own that compiles rules with <see cref="XtablesRuleParser"/>: native code that ends it ends a test, which then names
/// the rule, and not all tests.
/// </summary>
internal sealed class RuleProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Rules that use much of the library, and have the same bytes in every process.</summary>
    private static readonly string[] s_known =
    [
        "-j ACCEPT", "-p tcp --dport 1 -m limit --limit 5/min -j LOG --log-prefix x", "-m mark ! --mark 1/3 -m mark --mark 2 -j REJECT",
        "-p udp -m multiport --dports 1,2:3 -m comment --comment \"a b\"", "-m conntrack --ctstate NEW -i eth+ ! -o lo -j DROP",
    ];

    private readonly Process _process;
    private readonly Task<string> _errors;

    public RuleProcess()
    {
        // As few pages as can be: what a test measures is not the garbage collector.
        var start = new ProcessStartInfo(Dotnet, ["exec", typeof(RuleProcess).Assembly.Location, "compile-rules"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_GCgen0size"] = "0x400000";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    private static string Dotnet =>
        Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    /// <summary>The answer to a rule: "accepted", the number of entries and their hash, or "refused" and why.</summary>
    public string Compile(NetfilterFamily family, string text) => Ask("text", family, 0, [text]);

    public string Compile(NetfilterFamily family, IReadOnlyList<string> words) => Ask("words", family, 0, words);

    /// <summary>What is taken for good: bytes of memory, the number of descriptors, and the names of the new ones.</summary>
    public (long Memory, int Descriptors, string Names) Repeat(NetfilterFamily family, int count, params string[] texts) =>
        Cost(Ask("repeat", family, count, texts));

    public (long Memory, int Descriptors, string Names) Alternate(int count, params string[] texts) =>
        Cost(Ask("alternate", NetfilterFamily.Inet, count, texts));

    public string Threads(int count, params string[] texts) => Ask("threads", NetfilterFamily.Inet, count, texts);

    /// <summary>The answers to rules that are known to be good: alike in every process, whatever it was asked before.</summary>
    public string[] Known() => [.. new[] { NetfilterFamily.Inet, NetfilterFamily.Inet6 }.SelectMany(family => s_known.Select(text =>
    {
        string answer = Compile(family, text);
        Assert.StartsWith("accepted 1 ", answer, StringComparison.Ordinal);
        return answer;
    }))];

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static (long Memory, int Descriptors, string Names) Cost(string answer)
    {
        string[] words = answer.Split(' ', 3);
        return (long.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture), words[2]);
    }

    private string Ask(string what, NetfilterFamily family, int count, IReadOnlyList<string> arguments)
    {
        _process.StandardInput.WriteLine(RuleServer.Request(what, family, count, arguments));
        _process.StandardInput.Flush();
        Task<string?> answer = _process.StandardOutput.ReadLineAsync();
        if (!answer.Wait(s_patience))
        {
            throw new XunitException($"no answer within {s_patience} to {Describe()}");
        }

        if (answer.Result is not { } line)
        {
            _process.WaitForExit();
            throw new XunitException($"the process ended with exit status {_process.ExitCode}: {_errors.Result}\n{Describe()}");
        }

        return line.StartsWith("wrong: ", StringComparison.Ordinal) ? throw new XunitException($"{line}\n{Describe()}") : line;

        string Describe()
        {
            string rule = string.Join("', '", arguments);
            return $"{what} {family}: '{(rule.Length > 2000 ? rule[..2000] + "…" : rule)}'";
        }
    }
}

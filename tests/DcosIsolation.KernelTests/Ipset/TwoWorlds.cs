using System.ComponentModel;
using System.Diagnostics;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>What a program did: all of it that its caller can see.</summary>
internal sealed record Behaviour(int ExitStatus, string Output, string Error)
{
    public override string ToString() => $"exit status {ExitStatus}\n{Indented("stdout", Output)}{Indented("stderr", Error)}";

    private static string Indented(string name, string text) => text.Length == 0
        ? ""
        : string.Concat(text.TrimEnd('\n').Split('\n').Select(line => $"  {name}: {line}\n"))
            + (text.EndsWith('\n') ? "" : $"  {name} does not end in a newline\n");
}

/// <summary>Where the two programs parted.</summary>
internal sealed record Difference(int Index, IpsetCommand Command, Behaviour Real, Behaviour Ours)
{
    /// <summary>What it looks like from afar: a script is shrunk as long as it shows the same, lest it end up with another fault.</summary>
    public (int Real, int Ours, bool Output, bool Error) Kind =>
        (Real.ExitStatus, Ours.ExitStatus, Real.Output == Ours.Output, Real.Error == Ours.Error);

    public override string ToString() => $"{Command}\nthe real ipset: {Real}the one under test: {Ours}";
}

/// <summary>Two network namespaces that begin alike: one that the real ipset works in, one for the program under test.</summary>
internal sealed class TwoWorlds(string[] underTest) : IDisposable
{
    private static readonly string[] s_realProgram = ["ipset"];

    // Flushed first: a list holds references to its members, which keep them from being destroyed.
    private static readonly IpsetCommand[] s_before = [new(["flush"]), new(["destroy"])];

    private readonly World _real = new("real");
    private readonly World _ours = new("ours");

    /// <summary>Whether the real program can be started; it needs no kernel to say its version.</summary>
    public static bool HasRealProgram()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(s_realProgram[0], ["version"]) { RedirectStandardOutput = true })!;
            process.WaitForExit();
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Has both programs do the same, from nothing, and finds the first difference; null when there is none.</summary>
    public Difference? Compare(IReadOnlyList<IpsetCommand> script)
    {
        (string[] Program, IpsetCommand Command)[] real = Calls(script, s_realProgram), ours = Calls(script, underTest);
        _real.Begin(real);
        _ours.Begin(ours);
        List<Behaviour> expected = _real.Finish(real), actual = _ours.Finish(ours);
        for (int i = 0; i < expected.Count; i++)
        {
            (Behaviour one, Behaviour other) = (Normalized.Of(expected[i]), Normalized.Of(actual[i]));
            if (one != other)
            {
                return new Difference(i - s_before.Length, real[i].Command, one, other);
            }
        }

        return null;
    }

    public void Dispose()
    {
        _real.Dispose();
        _ours.Dispose();
    }

    // What is there before goes, and what is there after is shown, by the real program in both.
    private static (string[] Program, IpsetCommand Command)[] Calls(IReadOnlyList<IpsetCommand> script, string[] program) =>
    [
        .. s_before.Select(command => (s_realProgram, command)),
        .. script.Select(command => (program, command)),
        (s_realProgram, new IpsetCommand(["save"])),
    ];
}

using System.ComponentModel;
using System.Diagnostics;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>What a program did: all of it that its caller can see.</summary>
internal sealed record Behaviour(int ExitStatus, string Output, string Error)
{
    public override string ToString() => $"exit status {ExitStatus}\n{Indented("stdout", Output)}{Indented("stderr", Error)}";

    private static string Indented(string name, string text) =>
        string.Concat(text.Split('\n').SkipLast(text.EndsWith('\n') ? 1 : 0).Where(_ => text.Length > 0).Select(line => $"  {name}: {line}\n"));
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
internal sealed class TwoWorlds(IReadOnlyList<string> underTest) : IDisposable
{
    private static readonly string[] s_realProgram = ["ipset"];

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

    /// <summary>Has both programs do the same, from nothing, up to the first difference; null when there is none.</summary>
    public Difference? Compare(IReadOnlyList<IpsetCommand> script)
    {
        Empty(_real);
        Empty(_ours);
        for (int i = 0; i < script.Count; i++)
        {
            if (Compare(i, script[i], underTest) is { } difference)
            {
                return difference;
            }
        }

        // What was made, as the real program sees it in both.
        return Compare(script.Count, new IpsetCommand(["save"]), s_realProgram);
    }

    public void Dispose()
    {
        _real.Dispose();
        _ours.Dispose();
    }

    private Difference? Compare(int index, IpsetCommand command, IReadOnlyList<string> program)
    {
        Behaviour real = Normalized.Of(_real.Run(s_realProgram, command)), ours = Normalized.Of(_ours.Run(program, command));
        return real == ours ? null : new Difference(index, command, real, ours);
    }

    // Flushed first: a list holds references to its members, which keep them from being destroyed.
    private static void Empty(World world)
    {
        foreach (string command in (string[])["flush", "destroy"])
        {
            Behaviour done = world.Run(s_realProgram, new IpsetCommand([command]));
            if (done.ExitStatus != 0)
            {
                throw new InvalidOperationException($"{command}: {done}");
            }
        }
    }
}

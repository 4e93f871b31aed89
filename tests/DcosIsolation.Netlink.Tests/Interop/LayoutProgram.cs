using System.Diagnostics;

namespace DcosIsolation.Netlink.Tests.Interop;

/// <summary>What native-tests/layout.c says of the kernel's headers. Built when it is missing or older than its source.</summary>
public sealed class LayoutProgram
{
    private static readonly string s_directory = Path.Combine(RepositoryFiles.Root, "native-tests");
    private static readonly string s_program = Path.Combine(s_directory, "build", "layout");

    public LayoutProgram()
    {
        if (File.GetLastWriteTimeUtc(s_program) < File.GetLastWriteTimeUtc(Path.Combine(s_directory, "layout.c")))
        {
            Run("make", "-s", "-C", s_directory, "build/layout");
        }

        Lines = Run(s_program).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>In the form of <see cref="LayoutLines"/>.</summary>
    public IReadOnlyList<string> Lines { get; }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)}: exit status {process.ExitCode}\n{errors.Result}");
    }
}

using DcosIsolation.Daemon.Commands;

namespace DcosIsolation.Daemon.Tests.Commands;

/// <summary>A command line run to its end in this process, and what it printed.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static CommandRun Of(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = CommandLine.Run(args, output, error);
        return new CommandRun(exitCode, output.ToString(), error.ToString());
    }

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

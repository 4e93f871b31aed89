using System.CommandLine;

namespace DcosIsolation.Daemon.Commands;

/// <summary>The command line of <c>matrix</c>.</summary>
internal static class MatrixSyntax
{
    public static Option<string?> Html { get; } = new("--html")
    {
        Description = "Write one self-contained page to this file as well, which is replaced if it exists.",
    };

    public static int Run(CommandContext context, ParseResult parsed, string policy) =>
        MatrixCommand.Run(context, policy, parsed.GetValue(Html));
}

using System.Reflection;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>version</c>.</summary>
internal static class VersionCommand
{
    public static int Run(CommandContext context)
    {
        // The build appends the commit behind a plus sign.
        string version = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        context.WriteResult(
            json => json.Writer.WriteString("version", version),
            text => text.WriteLine($"isolation-netlinkd {version}"));
        return ExitCode.Done;
    }
}

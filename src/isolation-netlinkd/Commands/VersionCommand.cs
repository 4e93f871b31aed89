using System.Reflection;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The version; the build appends the commit behind a plus sign.</summary>
    public static string Version =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public static int Run(CommandContext context)
    {
        context.WriteResult(
            json => json.Writer.WriteString("version", Version),
            text => text.WriteLine($"isolation-netlinkd {Version}"));
        return ExitCode.Done;
    }
}

namespace DcosIsolation.Daemon.IpsetCommand;
internal static class HelpCommand { public static int? Run(string? typeName, Stream output) => typeName is null && output is not null ? 0 : 0; }

using DcosIsolation.Daemon.Commands;
using DcosIsolation.Daemon.IpsetCommand;

return IpsetProgram.ArgumentsOf(Environment.GetCommandLineArgs()) is { } line
    ? IpsetProgram.Run(line, StandardStream.Input, StandardStream.Bytes, StandardStream.Error)
    : CommandLine.Run(args, StandardStream.Output, StandardStream.Error);

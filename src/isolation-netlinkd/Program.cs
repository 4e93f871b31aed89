using DcosIsolation.Daemon.Commands;

return CommandLine.Run(args, StandardStream.Output, StandardStream.Error);

using DcosIsolation.Daemon.Commands;

return CommandLine.Run(args, Console.Out, Console.Error);

using DcosIsolation.Daemon.Commands;
using DcosIsolation.Daemon.IpsetCommand;
using DcosIsolation.Daemon.IptablesCommand;

string[] line = Environment.GetCommandLineArgs();
return IpsetProgram.ArgumentsOf(line) is { } ipset
    ? IpsetProgram.Run(ipset, StandardStream.Input, StandardStream.Bytes, StandardStream.Error)
    : IptablesProgram.Find(line) is { } iptables
        ? iptables.Run(StandardStream.Input, StandardStream.Bytes, StandardStream.Error)
        : CommandLine.Run(args, StandardStream.Output, StandardStream.Error);

using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary><c>ipset help [TYPE]</c>.</summary>
internal static class HelpCommand
{
    private const string General = $"""
        ipset v{IpsetSession.Version}

        This is the ipset command of isolation-netlinkd. It speaks to the kernel itself and takes what ipset 7.17 takes, for four set types.

        Usage: ipset [OPTION]... COMMAND [ARGUMENT]...

        Commands, each with the letters it can be given by as well:
          create   new, -N SETNAME TYPE [OPTION]...   make a set
          add      -A      SETNAME ENTRY [OPTION]...  put an entry into a set
          del      -D      SETNAME ENTRY              take an entry out of a set
          test     -T      SETNAME ENTRY              ask whether an entry is in a set; the exit status is 1 when it is not
          destroy  x, -X   [SETNAME]                  take away a set, or all sets
          list     -L      [SETNAME]                  show a set, or all sets
          save     -S      [SETNAME]                  print what restore reads
          restore  -R                                 carry out the lines of standard input, or of -file
          flush    -F      [SETNAME]                  take all entries out of a set, or of all sets
          rename   e, -E   FROM TO                    give a set another name
          swap     w, -W   FROM TO                    exchange the entries of two sets of one type
          help     -h, -H  [TYPE]                     this, or what a set type takes
          version  v, -v, -V                          the version

        Options, which can stand anywhere:
          -o, -output plain|save|xml   the form in which list and save print
          -s, -sorted                  entries in order, of hash types
          -n, -name                    names of sets only, with list
          -t, -terse                   headers of sets only, with list
          -f, -file FILE               read or write FILE instead of the standard streams
          -r, -resolve                 names of hosts instead of addresses; slow
          -!, -exist                   what is so already is no error
          -q, -quiet                   no messages

        Set types:
        """;

    private const string Ports = """

        Ports are written as:
          80, http            a TCP port by number, or by its name in /etc/services
          PROTO:PORT          with PROTO one of tcp, udp, udplite, sctp
          icmp:TYPE/CODE      or icmp:NAME, with NAME as below; icmpv6 alike
          PROTO:0             any other protocol
        A port can be a range, such as tcp:8000-8080.

        """;

    // linux/icmp.h and linux/icmpv6.h name the same types and codes; these are the words that the ipset program takes for them.
    private static readonly string[] s_icmpNames =
    [
        "echo-reply", "pong", "network-unreachable", "host-unreachable", "protocol-unreachable", "port-unreachable", "fragmentation-needed",
        "source-route-failed", "network-unknown", "host-unknown", "network-prohibited", "host-prohibited", "TOS-network-unreachable",
        "TOS-host-unreachable", "communication-prohibited", "host-precedence-violation", "precedence-cutoff", "source-quench",
        "network-redirect", "host-redirect", "TOS-network-redirect", "TOS-host-redirect", "echo-request", "ping", "router-advertisement",
        "router-solicitation", "ttl-zero-during-transit", "ttl-zero-during-reassembly", "ip-header-bad", "required-option-missing",
        "timestamp-request", "timestamp-reply", "address-mask-request", "address-mask-reply",
    ];

    private static readonly string[] s_icmpv6Names =
    [
        "no-route", "communication-prohibited", "address-unreachable", "port-unreachable", "packet-too-big", "ttl-zero-during-transit",
        "ttl-zero-during-reassembly", "bad-header", "unknown-header-type", "unknown-option", "echo-request", "ping", "echo-reply", "pong",
        "router-solicitation", "router-advertisement", "neighbour-solicitation", "neigbour-solicitation", "neighbour-advertisement",
        "neigbour-advertisement", "redirect",
    ];

    /// <summary>Prints help.</summary>
    /// <param name="typeName">The set type that it is about; null for the program.</param>
    /// <param name="output">Where it goes.</param>
    /// <exception cref="IpsetFailure">There is no such type.</exception>
    public static void Run(string? typeName, TextWriter output)
    {
        if (typeName is not null)
        {
            Describe(IpsetTypes.Find(typeName) ?? throw new IpsetFailure($"Unknown settype: `{typeName}'", IpsetFailure.Usage), output);
            return;
        }

        output.WriteLine(General);
        foreach (IpsetType type in Enum.GetValues<IpsetType>())
        {
            output.WriteLine($"  {type.Name(),-18} {IpsetTypes.Alias(type),-12} {TypeHelp.Summary(type)}");
        }
    }

    private static void Describe(IpsetType type, TextWriter output)
    {
        output.WriteLine($"ipset v{IpsetSession.Version}");
        output.WriteLine();
        output.WriteLine($"{type.Name()}, or {IpsetTypes.Alias(type)}: {TypeHelp.Summary(type)}. Revisions 0 to {type.NewestRevision()}.");
        TypeHelp.Write(type, output);
        if (type == IpsetType.HashNetPortNet)
        {
            output.WriteLine(Ports);
            WriteNames("ICMP", s_icmpNames, output);
            WriteNames("ICMPv6", s_icmpv6Names, output);
        }
    }

    private static void WriteNames(string protocol, string[] names, TextWriter output)
    {
        output.WriteLine($"Names of {protocol} types and codes:");
        foreach (string[] line in names.Chunk(4))
        {
            output.WriteLine("  " + string.Join(", ", line));
        }
    }
}

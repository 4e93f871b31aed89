using DcosIsolation.Netlink;

namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>The command line of iptables-save.</summary>
internal sealed class SaveOptions
{
    public const string Help = """
        Usage: iptables-save [-c] [-t TABLE] [-f FILE] [-4|-6]

          -c, --counters       print what rules have counted
          -t, --table TABLE    this table only; otherwise every one that the kernel has by now
          -f, --file FILE      write FILE instead of standard output
          -4, --ipv4           tables of IPv4, as under the name iptables-save
          -6, --ipv6           tables of IPv6, as under the name ip6tables-save
          -M, --modprobe PATH  accepted for the sake of scripts; no program is run
          -V, --version        the version
          -h, --help           this

        """;

    private static readonly KnownOption[] s_known =
    [
        new('c', "counters"),
        new('t', "table", OptionArgument.Required),
        new('f', "file", OptionArgument.Required),
        new('M', "modprobe", OptionArgument.Required),
        new('4', "ipv4"),
        new('6', "ipv6"),
        new('V', "version"),
        new('h', "help"),
    ];

    public NetfilterFamily Family { get; private set; }

    public bool Counters { get; private set; }

    public string? Table { get; private set; }

    public string? File { get; private set; }

    /// <summary>Nothing is to be saved: <see cref="Help"/> is asked for, or the version.</summary>
    public bool ShowsHelp { get; private set; }

    public bool ShowsVersion { get; private set; }

    /// <summary>Reads the words behind the program's name.</summary>
    /// <exception cref="IptablesFailure">They are not understood.</exception>
    public static SaveOptions Read(IReadOnlyList<string> words, NetfilterFamily family)
    {
        var read = new SaveOptions { Family = family };
        var reader = new OptionReader(words, s_known, IptablesFailure.Refused);
        while (reader.TryRead(out char letter))
        {
            switch (letter)
            {
                case 'c':
                    read.Counters = true;
                    break;
                case 't':
                    read.Table = reader.Value;
                    break;
                case 'f':
                    read.File = reader.Value;
                    break;
                case '4' or '6':
                    read.Family = letter == '4' ? NetfilterFamily.Inet : NetfilterFamily.Inet6;
                    break;
                case 'V':
                    read.ShowsVersion = true;
                    break;
                case 'h':
                    read.ShowsHelp = true;
                    break;
                case OptionReader.Operand:
                    throw new IptablesFailure($"the argument '{reader.Value}' is not understood", IptablesFailure.Refused);
            }
        }

        return read;
    }
}

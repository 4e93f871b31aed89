using System.Globalization;
using DcosIsolation.Netlink;

namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>The command line of iptables-restore.</summary>
internal sealed class RestoreOptions
{
    public const string Help = """
        Usage: iptables-restore [-c] [-n] [-t] [-v] [-w [SECONDS]] [-T TABLE] [-4|-6] [FILE]

        Puts in force what iptables-save printed, from FILE or standard input: all tables, or none when anything of it fails.

          -c, --counters          take over what rules have counted
          -n, --noflush           add to what is there, instead of replacing it
          -t, --test              read everything and build the tables; change nothing
          -v, --verbose           print the comments
          -w, --wait [SECONDS]    wait for the xtables lock, this long or for ever; otherwise it is tried once
          -T, --table TABLE       this table only
          -4, --ipv4              tables of IPv4, as under the name iptables-restore
          -6, --ipv6              tables of IPv6, as under the name ip6tables-restore
          -M, --modprobe PATH     accepted for the sake of scripts, as is -W, --wait-interval; no program is run
          -V, --version           the version
          -h, --help              this

        """;

    private static readonly KnownOption[] s_known =
    [
        new('c', "counters"),
        new('n', "noflush"),
        new('t', "test"),
        new('v', "verbose"),
        new('w', "wait", OptionArgument.Optional),
        new('W', "wait-interval", OptionArgument.Optional),
        new('T', "table", OptionArgument.Required),
        new('M', "modprobe", OptionArgument.Required),
        new('4', "ipv4"),
        new('6', "ipv6"),
        new('V', "version"),
        new('h', "help"),
    ];

    public NetfilterFamily Family { get; private set; }

    public bool Counters { get; private set; }

    public bool NoFlush { get; private set; }

    public bool Test { get; private set; }

    public bool Verbose { get; private set; }

    /// <summary>How long to wait for the lock.</summary>
    public TimeSpan Wait { get; private set; }

    public string? Table { get; private set; }

    public string? File { get; private set; }

    /// <summary>Nothing is to be restored: <see cref="Help"/> is asked for, or the version.</summary>
    public bool ShowsHelp { get; private set; }

    public bool ShowsVersion { get; private set; }

    /// <summary>Reads the words behind the program's name.</summary>
    /// <exception cref="IptablesFailure">They are not understood.</exception>
    public static RestoreOptions Read(IReadOnlyList<string> words, NetfilterFamily family)
    {
        var read = new RestoreOptions { Family = family };
        var reader = new OptionReader(words, s_known, IptablesFailure.Refused);
        while (reader.TryRead(out char letter))
        {
            switch (letter)
            {
                case 'c':
                    read.Counters = true;
                    break;
                case 'n':
                    read.NoFlush = true;
                    break;
                case 't':
                    read.Test = true;
                    break;
                case 'v':
                    read.Verbose = true;
                    break;
                case 'w':
                    read.Wait = reader.Value is { } seconds ? ReadSeconds(seconds) : TimeSpan.MaxValue;
                    break;
                case 'T':
                    read.Table = reader.Value;
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
                case OptionReader.Operand when read.File is null:
                    read.File = reader.Value;
                    break;
                case OptionReader.Operand:
                    throw new IptablesFailure($"there is a second file, '{reader.Value}'", IptablesFailure.Refused);
            }
        }

        return read;
    }

    private static TimeSpan ReadSeconds(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds)
            ? TimeSpan.FromSeconds(seconds)
            : throw new IptablesFailure($"-w takes a number of seconds, not '{text}'", IptablesFailure.Invalid);
}

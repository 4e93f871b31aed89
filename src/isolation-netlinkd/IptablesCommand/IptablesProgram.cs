using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>
/// The programs iptables-save and iptables-restore, and those for IPv6: their command lines, output and exit status, over libiptc and the
/// extensions of the installed iptables.
/// </summary>
/// <param name="name">The name that the program goes by in its messages.</param>
/// <param name="family">The family that it is for, unless an option says otherwise.</param>
/// <param name="arguments">The words behind the program's name.</param>
internal sealed class IptablesProgram(string name, NetfilterFamily family, ReadOnlyMemory<string> arguments)
{
    private const string Save = "-save";
    private const string Restore = "-restore";

    /// <summary>
    /// The program that is meant, whether the binary was started under its name or has that as its first word; null when another command
    /// is meant. <c>-legacy</c> may stand within the name.
    /// </summary>
    /// <param name="commandLine">The words of the process, its name first.</param>
    public static IptablesProgram? Find(string[] commandLine) =>
        Find(Path.GetFileName(commandLine[0]), commandLine.AsMemory(1))
        ?? (commandLine.Length > 1 ? Find(commandLine[1], commandLine.AsMemory(2)) : null);

    /// <summary>Runs it.</summary>
    /// <param name="openInput">Opens standard input.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <returns>The exit status: see <see cref="IptablesFailure"/>.</returns>
    public int Run(Func<Stream> openInput, Stream output, TextWriter error)
    {
        try
        {
            string[] words = arguments.ToArray();
            if (name.EndsWith(Save, StringComparison.Ordinal))
            {
                SaveCommand.Run(name, SaveOptions.Read(words, family), output);
            }
            else
            {
                RestoreCommand.Run(name, RestoreOptions.Read(words, family), openInput, output, error);
            }

            return 0;
        }
        catch (IptablesFailure e)
        {
            error.Write($"{name}: {e.Message}\n");
            return e.ExitCode;
        }
        catch (XtablesLockTimeoutException e)
        {
            error.Write($"{name}: {e.Message}; or have it wait, with -w\n");
            return IptablesFailure.Locked;
        }
        catch (Exception e) when (e is XtablesException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            // A closed descriptor is an IOException inside of the other.
            error.Write($"{name}: {(e is UnauthorizedAccessException ? e.InnerException ?? e : e).Message}\n");
            return IptablesFailure.Refused;
        }
        catch (Exception e)
        {
            error.Write($"{name}: internal error: {e.GetType().Name}: {e.Message}; this is a mistake in isolation-netlinkd: please report it\n");
            return IptablesFailure.Refused;
        }
    }

    private static IptablesProgram? Find(string word, ReadOnlyMemory<string> arguments)
    {
        string name = word.Replace("-legacy-", "-", StringComparison.Ordinal);
        return name switch
        {
            "iptables" + Save or "iptables" + Restore => new(name, NetfilterFamily.Inet, arguments),
            "ip6tables" + Save or "ip6tables" + Restore => new(name, NetfilterFamily.Inet6, arguments),
            _ => null,
        };
    }
}

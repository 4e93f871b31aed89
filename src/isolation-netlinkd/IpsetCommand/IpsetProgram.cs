namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>The ipset program: its command line, output and exit status, for the set types that this project has.</summary>
internal static class IpsetProgram
{
    private const string Name = "ipset";

    /// <summary>
    /// The words that are meant for this program: those behind its name, whether the binary was started under that name or has it as its
    /// first word; null when another command is meant.
    /// </summary>
    /// <param name="commandLine">The words of the process, its name first.</param>
    public static ReadOnlyMemory<string>? ArgumentsOf(string[] commandLine)
    {
        int skipped = Path.GetFileName(commandLine[0]) == Name ? 1 : commandLine is [_, Name, ..] ? 2 : 0;
        return skipped > 0 ? commandLine.AsMemory(skipped) : (ReadOnlyMemory<string>?)null;
    }

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The words behind the program's name.</param>
    /// <param name="openInput">Opens standard input, for a restore.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <returns>The exit status: 0, 1, or 2 for a line that is not understood.</returns>
    public static int Run(ReadOnlyMemory<string> arguments, Func<Stream> openInput, Stream output, TextWriter error)
    {
        using var session = new IpsetSession();
        var commands = new IpsetCommands(session, output, error);
        try
        {
            var words = new Words();
            words.Take(arguments.Span);
            IpsetVerb verb = session.Begin(words);
            switch (verb)
            {
                case IpsetVerb.Restore when words.Count > 0:
                    throw new IpsetFailure($"Unknown argument {words.Text(0)}", IpsetFailure.Usage);
                case IpsetVerb.Restore:
                    using (Stream input = session.Settings.File is { } path ? IpsetFile.Open(path, FileMode.Open) : openInput())
                    {
                        return RestoreCommand.Run(session, commands, input);
                    }

                case IpsetVerb.Add or IpsetVerb.Delete:
                    var pending = new PendingEntries(session);
                    session.ReadElement(verb, words, out SetElement line);
                    pending.Add(verb, in line);
                    pending.Send();
                    return 0;
                default:
                    return commands.Read(verb, words)() ?? 0;
            }
        }
        catch (IpsetFailure failure)
        {
            uint line = failure.Line ?? session.Line;
            Tell(session, error, line != 0 && failure.IsNumbered ? $"Error in line {line}: {failure.Message}" : failure.Message);
            if (failure.ExitCode == IpsetFailure.Usage && !session.Settings.Quiet)
            {
                error.Write("Try `ipset help' for more information.\n");
            }

            return failure.ExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A closed descriptor is an IOException inside of the other.
            Tell(session, error, (e.InnerException ?? e).Message);
            return IpsetFailure.Other;
        }
        catch (Exception e)
        {
            Tell(session, error, $"internal error: {e.GetType().Name}: {e.Message}; this is a mistake in isolation-netlinkd: please report it");
            return IpsetFailure.Other;
        }
    }

    private static void Tell(IpsetSession session, TextWriter error, string message)
    {
        if (!session.Settings.Quiet)
        {
            error.Write($"{IpsetSession.Prefix}{message}\n");
        }
    }
}

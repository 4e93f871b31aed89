namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>
/// Carries out a file of lines. It is read in one pass and constant memory; entries are sent many at a time. A line that fails ends it, and
/// what was done before stays done, as with ipset.
/// </summary>
internal static class RestoreCommand
{
    /// <summary>Carries out the lines of <paramref name="input"/>.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="IpsetFailure">A line failed.</exception>
    public static int Run(IpsetSession session, IpsetCommands commands, Stream input)
    {
        var reader = new LineReader(input);
        var words = new Words();
        var pending = new PendingEntries(session);
        if (input is FileStream { CanSeek: true } file)
        {
            long begin = file.Position;
            session.EntriesAhead = set => EntriesAhead.Count(file, begin + reader.Consumed, set);
        }

        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            session.Line++;
            line = line.TrimStart(" \t\r\n\v\f"u8);
            if (line.IsEmpty || line[0] == (byte)'#')
            {
                continue;
            }

            if (line.SequenceEqual("COMMIT\n"u8) || line.SequenceEqual("COMMIT\r\n"u8))
            {
                pending.Send();
                continue;
            }

            if (Run(session, commands, words, pending, line) is { } exitCode)
            {
                return exitCode;
            }
        }

        pending.Send();
        return 0;
    }

    private static int? Run(
        IpsetSession session, IpsetCommands commands, Words words, PendingEntries pending, ReadOnlySpan<byte> line)
    {
        IpsetVerb verb;
        SetElement element = default;
        Func<int?>? command = null;
        try
        {
            words.Split(line);
            verb = session.Begin(words);
            if (verb is IpsetVerb.Add or IpsetVerb.Delete)
            {
                session.ReadElement(verb, words, out element);
            }
            else
            {
                command = commands.Read(verb, words);
            }
        }
        catch (IpsetFailure)
        {
            pending.SendAsIpset();
            throw;
        }

        if (command is null)
        {
            pending.Add(verb, in element);
            return null;
        }

        if (verb == IpsetVerb.Quit)
        {
            pending.SendAsIpset();
            return 0;
        }

        pending.Send();
        return command();
    }
}

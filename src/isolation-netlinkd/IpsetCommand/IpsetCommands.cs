using System.Text;
using DcosIsolation.Daemon.IpsetCommand.Listing;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>The commands but add, del and restore: understands a line first, and returns what carries it out.</summary>
internal sealed class IpsetCommands(IpsetSession session, Stream output, TextWriter error)
{
    /// <summary>Reads a line of any other command, and returns what carries it out.</summary>
    /// <returns>A function that gives the exit status, or null to go on with a restore.</returns>
    /// <exception cref="IpsetFailure">The line is not understood.</exception>
    public Func<int?> Read(IpsetVerb verb, Words words)
    {
        switch (verb)
        {
            case IpsetVerb.Create:
                return ReadCreate(words);
            case IpsetVerb.Test:
                session.ReadElement(verb, words, out SetElement tested);
                return () => Test(tested);
            case IpsetVerb.Destroy or IpsetVerb.Flush or IpsetVerb.List or IpsetVerb.Save:
                string? set = words.Count > 0 ? Name(words, 0) : null;
                NoMore(words, 1);
                return () => OnSet(verb, set);
            case IpsetVerb.Rename or IpsetVerb.Swap:
                (string first, string second) = (Name(words, 0), Name(words, 1));
                NoMore(words, 2);
                return () => OnPair(verb, first, second);
            case IpsetVerb.Help:
                string? typeName = words.Count > 0 && !session.Settings.Quiet ? words.Text(0) : null;
                return () => Help(typeName);
            case IpsetVerb.Version:
                return ShowVersion;
            default:
                return () => 0;
        }
    }

    private Func<int?> ReadCreate(Words words)
    {
        string name = Name(words, 0);
        string typeName = words.Text(1);
        IpsetType type = IpsetTypes.Resolve(typeName);
        byte revision = NewestRevision(type);
        CreateOptionsReader reader = ReadOptions(type, revision, words);
        IpsetCreateOptions options = reader.Options;
        if (type != IpsetType.ListSet && options.HashSize is null && session.EntriesAhead?.Invoke(name) is { } count)
        {
            options = TableSize.For(count, options);
        }

        var set = new KnownSet(name, type, reader.Family, revision);
        bool exist = session.Settings.Exist;
        return () =>
        {
            IpsetSession.Ask(IpsetVerb.Create, type == IpsetType.ListSet, () => session.Client.Create(name, type, set.Family, options, exist));
            session.Sets.Add(set);
            return reader.Ignored is null ? null : Warn(reader.Ignored);
        };
    }

    private static CreateOptionsReader ReadOptions(IpsetType type, byte revision, Words words)
    {
        try
        {
            return CreateOptionsReader.Read(type, revision, words, 2);
        }
        catch (FormatException e)
        {
            throw new IpsetFailure(e.Message);
        }
    }

    private int? OnSet(IpsetVerb verb, string? set)
    {
        switch (verb)
        {
            case IpsetVerb.Destroy:
                bool exist = session.Settings.Exist;
                IpsetSession.Ask(verb, false, () =>
                {
                    if (set is null)
                    {
                        session.Client.DestroyAll();
                    }
                    else
                    {
                        session.Client.Destroy(set, exist);
                    }
                });
                session.Sets.Clear();
                return null;
            case IpsetVerb.Flush:
                IpsetSession.Ask(verb, false, () =>
                {
                    if (set is null)
                    {
                        session.Client.FlushAll();
                    }
                    else
                    {
                        session.Client.Flush(set);
                    }
                });
                return null;
            default:
                IpsetSession.Ask(verb, false, () => List(verb, set));
                return null;
        }
    }

    private void List(IpsetVerb verb, string? set)
    {
        if (session.Settings.File is null)
        {
            ListCommand.Run(session.Client, verb, set, session.Settings, output, error);
            return;
        }

        using FileStream file = IpsetFile.Open(session.Settings.File, FileMode.Create);
        ListCommand.Run(session.Client, verb, set, session.Settings, file, error);
    }

    private int? OnPair(IpsetVerb verb, string first, string second)
    {
        IpsetSession.Ask(verb, false, () =>
        {
            if (verb == IpsetVerb.Swap)
            {
                session.Client.Swap(first, second);
            }
            else
            {
                session.Client.Rename(first, second);
            }
        });
        session.Sets.Clear();
        return null;
    }

    private int? Test(SetElement tested)
    {
        KnownSet set = tested.Set;
        IpsetEntry entry = tested.Element.Entry;
        bool isIn = false;
        IpsetSession.Ask(IpsetVerb.Test, set.Type == IpsetType.ListSet, () => isIn = session.Client.Test(set.Name, entry));
        if (!session.Settings.Quiet)
        {
            Span<byte> key = stackalloc byte[IpsetEntry.MaxTextLength];
            entry.TryFormatKey(key, out int length);
            error.Write($"{(isIn ? "Warning: " : "")}{Encoding.UTF8.GetString(key[..length])} is {(isIn ? "" : "NOT ")}in set {set.Name}.\n");
        }

        // A restore ends where ipset has something to say, even if it is no mistake.
        return isIn ? (session.Settings.Quiet ? null : 0) : IpsetFailure.Other;
    }

    private int? Help(string? typeName)
    {
        using var writer = new StreamWriter(output, leaveOpen: true);
        HelpCommand.Run(typeName, writer);
        return 0;
    }

    private int? ShowVersion()
    {
        output.Write(Encoding.ASCII.GetBytes($"ipset v{IpsetSession.Version}, protocol version: {IpsetTypes.Protocol}\n"));
        _ = session.Client;
        return 0;
    }

    private int? Warn(string warning)
    {
        if (!session.Settings.Quiet)
        {
            error.Write($"Warning: {warning}");
        }

        return 0;
    }

    private byte NewestRevision(IpsetType type)
    {
        IpsetRevisions kernel = default;
        IpsetSession.Ask(IpsetVerb.None, false, () => kernel = session.Client.GetRevisions(
            type, type == IpsetType.ListSet ? NetfilterFamily.Unspecified : NetfilterFamily.Inet)
            ?? throw IpsetSession.Refused(IpsetVerb.None, IpsetTypes.TypeNotFound, isList: false));
        byte newest = type.NewestRevision();
        return kernel.Minimum <= newest
            ? Math.Min(kernel.Maximum, newest)
            : throw new IpsetFailure(
                $"Kernel supports {type.Name()} type with minimal revision {kernel.Minimum} while ipset program with maximal revision "
                + $"{newest}.\nYou need to upgrade your ipset program.");
    }

    private static string Name(Words words, int index)
    {
        IpsetSession.CheckName(words[index]);
        return words.Text(index);
    }

    private static void NoMore(Words words, int count)
    {
        if (words.Count > count)
        {
            throw new IpsetFailure($"Unknown argument {words.Text(count)}", IpsetFailure.Usage);
        }
    }
}

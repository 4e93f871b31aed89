using System.Text;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>
/// Understands lines of the ipset command line, one after the other, in the calling thread's network namespace: the one line of the
/// command line, or those of a restore.
/// </summary>
internal sealed class IpsetSession(Stream output, TextWriter error) : IDisposable
{
    /// <summary>The version whose behaviour this is.</summary>
    public const string Version = "7.17";

    private const int MaxNameLength = 31;

    private readonly SetCache _sets = new();
    private IpsetClient? _client;
    private Task _batch = Task.CompletedTask;

    /// <summary>What the options have set so far.</summary>
    public IpsetSettings Settings { get; } = new();

    /// <summary>The number of the line in a restore; 0 for the command line.</summary>
    public uint Line { get; set; }

    /// <summary>In a restore: how many lines of entries for the set follow the current line, as far as that can be known.</summary>
    public Func<string, int>? EntriesAhead { get; set; }

    /// <summary>The kernel; asked for when it is first needed, and not while a batch is under way.</summary>
    /// <exception cref="IpsetFailure">It has no ipset, or does not let the caller use it.</exception>
    public IpsetClient Client
    {
        get
        {
            try
            {
                Task.WaitAny(_batch);
                return _client ??= IpsetClient.Open();
            }
            catch (NetlinkException e)
            {
                throw new IpsetFailure(IpsetMessages.For(IpsetVerb.None, e.NativeError, isList: false));
            }
        }
    }

    /// <summary>Takes options and command out of a line; what it needs besides must be there.</summary>
    /// <exception cref="IpsetFailure">The line has no command, or not all that the command takes.</exception>
    public IpsetVerb Begin(Words words)
    {
        SettingsReader.Take(words, Settings);
        if (words.Count == 0)
        {
            throw new IpsetFailure("No command specified.", IpsetFailure.Usage);
        }

        IpsetVerb verb = IpsetVerbs.Match(words[0]);
        if (verb == IpsetVerb.None)
        {
            throw new IpsetFailure($"No command specified: unknown argument {words.Text(0)}", IpsetFailure.Usage);
        }

        if (Line != 0 && verb is IpsetVerb.Restore or IpsetVerb.Version or IpsetVerb.Help)
        {
            throw new IpsetFailure($"Command `{verb.Name()}' is invalid in restore mode.", IpsetFailure.Usage);
        }

        words.RemoveAt(0);
        if (verb.Arguments() == VerbArguments.Two && words.Count < 2)
        {
            string which = words.Count == 0 ? "mandatory" : "second mandatory";
            throw new IpsetFailure($"Missing {which} argument to command {verb.Name()}", IpsetFailure.Usage);
        }

        return verb;
    }

    /// <summary>Reads a line that adds, deletes or tests: a set, an element and options.</summary>
    /// <exception cref="IpsetFailure">There is no such set, or the line has none of its entries.</exception>
    public void ReadElement(IpsetVerb verb, Words words, out SetElement line)
    {
        CheckName(words, 0);
        KnownSet set = _sets.Find(words[0]) ?? Ask(words.Text(0));
        try
        {
            IpsetElement element = IpsetElement.Parse(set.Type, set.Family, words[1]);
            if (words.Count > 2)
            {
                IpsetEntry entry = element.Entry;
                EntryOptionsReader.Read(verb, set.Revision, words, 2, ref entry);
                element = element with { Entry = entry };
            }

            if (verb == IpsetVerb.Test)
            {
                RefuseRanges(set, element);
            }

            line = new SetElement(set, element, PeerMessage.LengthOf(words[1], element));
        }
        catch (FormatException e)
        {
            // That a word is neither a number nor the name of a port is a warning at first, and warnings have no line numbers.
            throw new IpsetFailure(e.Message) { IsNumbered = !e.Message.Contains("\ncannot parse '", StringComparison.Ordinal) };
        }
    }

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
                ReadElement(verb, words, out SetElement tested);
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
                string? typeName = words.Count > 0 && !Settings.Quiet ? words.Text(0) : null;
                return () => Help(typeName);
            case IpsetVerb.Version:
                return ShowVersion;
            default:
                return () => 0;
        }
    }

    /// <summary>Sends a batch while the caller goes on; it must not touch what is sent.</summary>
    public void StartBatch(Action<IpsetClient> send)
    {
        IpsetClient client = Client;
        _batch = Task.Run(() => send(client));
    }

    /// <summary>Waits for the batch that is under way.</summary>
    /// <exception cref="IpsetFailure">The kernel refused it.</exception>
    public void WaitForBatch()
    {
        Task batch = _batch;
        _batch = Task.CompletedTask;
        batch.GetAwaiter().GetResult();
    }

    /// <summary>Turns the kernel's refusal into what ipset says of it.</summary>
    public static IpsetFailure Refused(IpsetVerb verb, int error, bool isList, uint? line = null) =>
        new(IpsetMessages.For(verb, error, isList)) { Line = line };

    /// <inheritdoc/>
    public void Dispose()
    {
        Task.WaitAny(_batch);
        _client?.Dispose();
    }

    private static void RefuseRanges(KnownSet set, in IpsetElement element)
    {
        if (element.HasAddressRange || element.HasPortRange)
        {
            string what = element.HasAddressRange ? "IP" : "port";
            string family = set.Family == NetfilterFamily.Inet6 ? "inet6" : "inet";
            throw new IpsetFailure($"FROM-TO {what} range is not allowed in command test with set type {set.Type.Name()} and family {family}")
            {
                IsNumbered = false,
            };
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
        if (type != IpsetType.ListSet && options.HashSize is null && EntriesAhead?.Invoke(name) is { } count)
        {
            options = TableSize.For(count, options);
        }

        var set = new KnownSet(name, type, reader.Family, revision);
        bool exist = Settings.Exist;
        return () =>
        {
            Ask(IpsetVerb.Create, type == IpsetType.ListSet, () => Client.Create(name, type, set.Family, options, exist));
            _sets.Add(set);
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
                bool exist = Settings.Exist;
                Ask(verb, false, () =>
                {
                    if (set is null)
                    {
                        Client.DestroyAll();
                    }
                    else
                    {
                        Client.Destroy(set, exist);
                    }
                });
                _sets.Clear();
                return null;
            case IpsetVerb.Flush:
                Ask(verb, false, () =>
                {
                    if (set is null)
                    {
                        Client.FlushAll();
                    }
                    else
                    {
                        Client.Flush(set);
                    }
                });
                return null;
            default:
                Ask(verb, false, () => List(verb, set));
                return null;
        }
    }

    private void List(IpsetVerb verb, string? set)
    {
        if (Settings.File is null)
        {
            ListCommand.Run(Client, verb, set, Settings, output, error);
            return;
        }

        using FileStream file = Open(Settings.File);
        ListCommand.Run(Client, verb, set, Settings, file, error);
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IpsetFailure($"Cannot open {path} for writing: {e.Message}", IpsetFailure.File);
        }
    }

    private int? OnPair(IpsetVerb verb, string first, string second)
    {
        Ask(verb, false, () =>
        {
            if (verb == IpsetVerb.Swap)
            {
                Client.Swap(first, second);
            }
            else
            {
                Client.Rename(first, second);
            }
        });
        _sets.Clear();
        return null;
    }

    private int? Test(SetElement tested)
    {
        KnownSet set = tested.Set;
        IpsetEntry entry = tested.Element.Entry;
        bool isIn = false;
        Ask(IpsetVerb.Test, set.Type == IpsetType.ListSet, () => isIn = Client.Test(set.Name, entry));
        if (!Settings.Quiet)
        {
            Span<byte> key = stackalloc byte[IpsetEntry.MaxTextLength];
            entry.TryFormatKey(key, out int length);
            error.Write($"{(isIn ? "Warning: " : "")}{Encoding.UTF8.GetString(key[..length])} is {(isIn ? "" : "NOT ")}in set {set.Name}.\n");
        }

        // A restore ends where ipset has something to say, even if it is no mistake.
        return isIn ? (Settings.Quiet ? null : 0) : IpsetFailure.Other;
    }

    private int? Help(string? typeName)
    {
        using var writer = new StreamWriter(output, leaveOpen: true);
        HelpCommand.Run(typeName, writer);
        return 0;
    }

    private int? ShowVersion()
    {
        output.Write(Encoding.ASCII.GetBytes($"ipset v{Version}, protocol version: {IpsetTypes.Protocol}\n"));
        _ = Client;
        return 0;
    }

    private int? Warn(string warning)
    {
        if (!Settings.Quiet)
        {
            error.Write($"Warning: {warning}");
        }

        return 0;
    }

    private byte NewestRevision(IpsetType type)
    {
        IpsetRevisions kernel = default;
        Ask(IpsetVerb.None, false, () => kernel = Client.GetRevisions(
            type, type == IpsetType.ListSet ? NetfilterFamily.Unspecified : NetfilterFamily.Inet)
            ?? throw Refused(IpsetVerb.None, IpsetTypes.TypeNotFound, isList: false));
        byte newest = type.NewestRevision();
        return kernel.Minimum <= newest
            ? Math.Min(kernel.Maximum, newest)
            : throw new IpsetFailure(
                $"Kernel supports {type.Name()} type with minimal revision {kernel.Minimum} while ipset program with maximal revision "
                + $"{newest}.\nYou need to upgrade your ipset program.");
    }

    private KnownSet Ask(string name)
    {
        IpsetInfo? info = null;
        Ask(IpsetVerb.None, false, () => info = Client.GetInfo(name) ?? throw Refused(IpsetVerb.None, (int)Errno.NoEntry, isList: false));
        if (info!.Type is not { } type)
        {
            throw new IpsetFailure($"the set {name} has the type {info.TypeName}, which is not supported by this program");
        }

        return _sets.Add(new KnownSet(name, type, info.Family, info.Revision));
    }

    private static void Ask(IpsetVerb verb, bool isList, Action request)
    {
        try
        {
            request();
        }
        catch (NetlinkReplyLostException e)
        {
            throw new IpsetFailure(e.Message);
        }
        catch (NetlinkException e)
        {
            throw Refused(verb, e.NativeError, isList);
        }
        catch (Exception e) when (e is NetlinkFormatException or NotSupportedException or ArgumentException)
        {
            throw new IpsetFailure(e.Message);
        }
    }

    private static string Name(Words words, int index)
    {
        CheckName(words, index);
        return words.Text(index);
    }

    private static void CheckName(Words words, int index)
    {
        if (words[index].Length > MaxNameLength)
        {
            throw new IpsetFailure($"Syntax error: setname '{words.Text(index)}' is longer than {MaxNameLength} characters");
        }
    }

    private static void NoMore(Words words, int count)
    {
        if (words.Count > count)
        {
            throw new IpsetFailure($"Unknown argument {words.Text(count)}", IpsetFailure.Usage);
        }
    }
}

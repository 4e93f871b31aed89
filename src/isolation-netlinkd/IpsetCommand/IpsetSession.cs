using System.Text;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>
/// What the lines of the ipset command line have in common, the one of the command line or those of a restore: the kernel in the calling
/// thread's network namespace, the options so far, the sets met; and what is read of a line before its command matters.
/// </summary>
internal sealed class IpsetSession : IDisposable
{
    /// <summary>The version whose behaviour this is.</summary>
    public const string Version = "7.17";

    /// <summary>How every message begins.</summary>
    public const string Prefix = $"ipset v{Version}: ";

    private IpsetClient? _client;
    private Task _batch = Task.CompletedTask;

    /// <summary>What the options have set so far.</summary>
    public IpsetSettings Settings { get; } = new();

    /// <summary>The sets met so far.</summary>
    public SetCache Sets { get; } = new();

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
        CheckName(words[0]);
        KnownSet set = Sets.Find(words[0]) ?? Ask(words.Text(0));
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

            line = new SetElement(set, element, PeerLength.Of(words[1], element));
        }
        catch (FormatException e)
        {
            // That a word is neither a number nor the name of a port is a warning at first, and warnings have no line numbers.
            throw new IpsetFailure(e.Message) { IsNumbered = !e.Message.Contains("\ncannot parse '", StringComparison.Ordinal) };
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

    /// <summary>Asks the kernel for something.</summary>
    /// <exception cref="IpsetFailure">It refused, in ipset's words.</exception>
    public static void Ask(IpsetVerb verb, bool isList, Action request)
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

    /// <summary>Refuses a set name that is too long for any set.</summary>
    /// <exception cref="IpsetFailure">It is.</exception>
    public static void CheckName(ReadOnlySpan<byte> name)
    {
        if (name.Length > IpsetName.MaxLength)
        {
            string text = Encoding.UTF8.GetString(name);
            throw new IpsetFailure($"Syntax error: setname '{text}' is longer than {IpsetName.MaxLength} characters");
        }
    }

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

    private KnownSet Ask(string name)
    {
        IpsetInfo? info = null;
        Ask(IpsetVerb.None, false, () => info = Client.GetInfo(name) ?? throw Refused(IpsetVerb.None, (int)Errno.NoEntry, isList: false));
        if (info!.Type is not { } type)
        {
            throw new IpsetFailure($"the set {name} has the type {info.TypeName}, which is not supported by this program");
        }

        return Sets.Add(new KnownSet(name, type, info.Family, info.Revision));
    }
}

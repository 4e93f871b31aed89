using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// libxtables made ready for one family. All its state is global, so one thread at a time is in a session, from <see cref="Enter"/> to
/// <see cref="Dispose"/>; going to the other family unloads all extensions.
/// </summary>
internal sealed unsafe class LibxtablesSession : IDisposable
{
    private const string Program = "iptables";
    private static readonly Lock s_gate = new();
    private static readonly Lazy<string?> s_whyUnavailable = new(FindOutWhyUnavailable);
    private static Libxtables? s_library;
    private static byte* s_globals;
    private static int s_exitErrorOffset;
    private static LibxtablesSession? s_current;

    // What a rule is compiled in, as long as the process lives.
    private static readonly RuleHeader[] s_headers = [new(NetfilterFamily.Inet), new(NetfilterFamily.Inet6)];
    private static readonly RuleWords s_words = new();
    private static readonly xtables_rule_match** s_matches = (xtables_rule_match**)NativeMemory.AllocZeroed((nuint)sizeof(nint));

    private readonly List<FoundExtension> _found = [];
    private readonly Dictionary<byte, byte[]> _protocols = [];
    private readonly bool _asksKernel;
    private XtablesException? _probeFailure;

    private LibxtablesSession(NetfilterFamily family, bool asksKernel)
    {
        (Family, _asksKernel) = (family, asksKernel);
        Library = s_library!;
        Header = s_headers[family == NetfilterFamily.Inet ? 0 : 1];
        byte family8 = family == NetfilterFamily.Inet ? (byte)xtables.NFPROTO_IPV4 : (byte)xtables.NFPROTO_IPV6;
        Library.init_all(s_globals, family8);
        OriginalOptions = RuleOptions.For(family);
        *(option**)(s_globals + s_exitErrorOffset - 16) = OriginalOptions;
        *Options = OriginalOptions;
    }

    /// <summary>Why there can be no session, or null.</summary>
    public static string? WhyUnavailable => s_whyUnavailable.Value;

    public NetfilterFamily Family { get; }

    public Libxtables Library { get; }

    /// <summary>The words of the rule that is being compiled.</summary>
    public static RuleWords Words => s_words;

    /// <summary>The head of the rule that is being compiled.</summary>
    public RuleHeader Header { get; }

    /// <summary>The matches of the rule that is being compiled, in native memory: libxtables writes it, and a refusal must leave it known.</summary>
    public static xtables_rule_match** Matches => s_matches;

    /// <summary>The options of iptables itself.</summary>
    public option* OriginalOptions { get; }

    /// <summary>struct xtables_globals: those and the options of the extensions that the rule at hand names.</summary>
    public static option** Options => (option**)(s_globals + s_exitErrorOffset - 8);

    /// <summary>Waits for its turn and makes libxtables ready.</summary>
    /// <param name="family">The family.</param>
    /// <param name="asksKernel">Whether the kernel is asked which revisions it has.</param>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood.</exception>
    public static LibxtablesSession Enter(NetfilterFamily family, bool asksKernel)
    {
        if (WhyUnavailable is { } why)
        {
            throw new NotSupportedException(why);
        }

        s_gate.Enter();
        try
        {
            return EnterAlone(family, asksKernel);
        }
        catch
        {
            s_gate.Exit();
            throw;
        }
    }

    /// <summary>Lets the next one in.</summary>
    public void Dispose()
    {
        Guard.Release();
        s_gate.Exit();
    }

    /// <summary>Calls a function of libxtables or of an extension, which may refuse.</summary>
    /// <exception cref="XtablesRuleException">It did; the message is its own.</exception>
    public nuint Call(void* function, nuint a = 0, nuint b = 0, nuint c = 0, nuint d = 0, nuint e = 0)
    {
        nuint result = 0;
        byte* refusal = Guard.Call(function, a, b, c, d, e, &result);
        if (_probeFailure is { } failure)
        {
            // What was taken for a missing revision is none: begin anew next time.
            s_current = null;
            throw failure;
        }

        if (refusal != null)
        {
            string reason = CleanText(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(refusal));
            string warnings = Warnings();
            throw new XtablesRuleException(Family, warnings.Length == 0 ? reason : $"{reason} ({warnings})");
        }

        return result;
    }

    /// <summary>Starts a rule: what the one before has left in the globals goes.</summary>
    public void StartRule()
    {
        *(uint*)s_globals = 0;
        *Options = OriginalOptions;
        for (xtables_match* match = *Library.matches; match != null; match = match->next)
        {
            match->mflags = 0;
        }

        for (xtables_target* target = *Library.targets; target != null; target = target->next)
        {
            target->tflags = 0;
            target->used = 0;
        }
    }

    /// <summary>What extensions printed to standard error since the last time, as one line.</summary>
    public static string Warnings() => CleanText(Printed(1));

    /// <summary>What extensions printed to standard output since the last time; valid until they print again.</summary>
    public static ReadOnlySpan<byte> Printed(int stream = 0)
    {
        nuint length;
        byte* text = Guard.Printed(stream, &length);
        return new(text, (int)length);
    }

    /// <summary>The extension that prints a match, null if there is none; of another revision if that one isn't there.</summary>
    public xtables_match* FindMatch(ReadOnlySpan<byte> name, byte revision) =>
        (xtables_match*)Find(name, revision, isTarget: false, Library.find_match, Library.find_match_revision);

    /// <summary>The extension that prints a target, null if there is none; of another revision if that one isn't there.</summary>
    public xtables_target* FindTarget(ReadOnlySpan<byte> name, byte revision) =>
        (xtables_target*)Find(name, revision, isTarget: true, Library.find_target, Library.find_target_revision);

    private nuint Find(ReadOnlySpan<byte> name, byte revision, bool isTarget, void* find, void* findRevision)
    {
        // A table has few kinds of extensions, and asks for them again and again.
        foreach (FoundExtension known in _found)
        {
            if (known.Revision == revision && known.IsTarget == isTarget && name.SequenceEqual(known.Name.AsSpan()[..^1]))
            {
                return known.Extension;
            }
        }

        byte[] withNul = [.. name, 0];
        fixed (byte* bytes = withNul)
        {
            nuint any = Call(find, (nuint)bytes, xtables.XTF_TRY_LOAD);
            nuint exact = any == 0 ? 0 : Call(findRevision, (nuint)bytes, xtables.XTF_TRY_LOAD, any, revision);
            _found.Add(new(withNul, revision, isTarget, exact == 0 ? any : exact));
            return _found[^1].Extension;
        }
    }

    /// <summary>A protocol's name, or its number.</summary>
    public ReadOnlySpan<byte> ProtocolName(byte number)
    {
        if (!_protocols.TryGetValue(number, out byte[]? name))
        {
            name = FindProtocol(number);
            _protocols.Add(number, name);
        }

        return name;
    }

    private byte[] FindProtocol(byte number)
    {
        for (xtables_pprot* known = Library.chain_protos; known->name != null; known++)
        {
            if (known->num == number)
            {
                return MemoryMarshal.CreateReadOnlySpanFromNullTerminated(known->name).ToArray();
            }
        }

        const int Room = 4096;
        byte* buffer = stackalloc byte[Room];
        protoent entry;
        protoent* found;
        return netdb_h.getprotobynumber_r(number, &entry, buffer, Room, &found) == 0 && found != null
            ? MemoryMarshal.CreateReadOnlySpanFromNullTerminated(found->p_name).ToArray()
            : Encoding.ASCII.GetBytes($"{number}");
    }

    private static LibxtablesSession EnterAlone(NetfilterFamily family, bool asksKernel)
    {
        if (Guard.Capture() == 0)
        {
            throw new InsufficientMemoryException("there is no memory for what extensions print");
        }

        try
        {
            if (s_current is not { } current || current.Family != family || current._asksKernel != asksKernel)
            {
                Unload();
                current = new(family, asksKernel);
                s_current = current;
            }

            current._probeFailure = null;
            return current;
        }
        catch
        {
            Guard.Release();
            throw;
        }
    }

    /// <summary>xtables_fini closes the extensions and leaves the lists that point into them.</summary>
    private static void Unload()
    {
        s_current = null;
        s_library!.fini();
        *s_library.matches = null;
        *s_library.targets = null;
        *s_library.pending_matches = null;
        *s_library.pending_targets = null;
    }

    /// <summary>struct xtables_globals, compat_rev: libxtables' own would run modprobe, and ends the process when it has no descriptors.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int IsCompatible(byte* name, byte revision, int option)
    {
        if (s_current is not { _asksKernel: true } session)
        {
            return 1;
        }

        try
        {
            string extension = Encoding.Latin1.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
            bool isMatch = option is ip_tables.IPT_SO_GET_REVISION_MATCH or ip6_tables.IP6T_SO_GET_REVISION_MATCH;
            bool isThere = isMatch
                ? XtablesProbe.HasMatch(session.Family, extension, revision)
                : XtablesProbe.HasTarget(session.Family, extension, revision);
            return isThere ? 1 : 0;
        }
        catch (XtablesException e)
        {
            session._probeFailure = e;
            return 0;
        }
    }

    private static string? FindOutWhyUnavailable()
    {
        const string AllElse = "rules as text cannot be had, all else can";
        if (getuid() != geteuid())
        {
            return $"libxtables doesn't work in programs that are set-user-ID; {AllElse}";
        }

        try
        {
            void* exitError = Guard.ExitErrorAddress();
            s_library = new Libxtables();
            lock (s_gate)
            {
                return PrepareGlobals(exitError) && HasKnownLayout()
                    ? null
                    : $"the installed libxtables.so.12 lays out its structures in a way that is not known here; {AllElse}";
            }
        }
        catch (DllNotFoundException e) when (s_library is null && !e.Message.Contains("libxtables", StringComparison.Ordinal))
        {
            return $"libisolation-guard.so, which belongs to this library, is missing; {AllElse}";
        }
        catch (DllNotFoundException)
        {
            return $"libxtables.so.12 is missing; install libxtables12 and iptables (Debian, Ubuntu) or iptables-libs (Fedora, RHEL); {AllElse}";
        }
        catch (EntryPointNotFoundException e)
        {
            return $"the installed libxtables.so.12 lacks {e.Message}; {AllElse}";
        }
        catch (XtablesRuleException e)
        {
            return $"the extensions of iptables cannot be loaded: {e.Message}; {AllElse}";
        }
    }

    /// <summary>
    /// Fills in struct xtables_globals, of which iptables 1.8.8 has a field more than the releases before and after it: where libxtables puts
    /// its own exit_err tells.
    /// </summary>
    private static bool PrepareGlobals(void* exitError)
    {
        const int Size = 256;
        s_globals = (byte*)NativeMemory.AllocZeroed(Size);
        s_library!.set_params(s_globals);
        ReadOnlySpan<nint> words = new(s_globals, Size / sizeof(nint));
        s_exitErrorOffset = words.IndexOfAnyExcept(0) * sizeof(nint);
        if (s_exitErrorOffset is not (40 or 48) || words[(s_exitErrorOffset / sizeof(nint) + 1)..].ContainsAnyExcept(0))
        {
            return false;
        }

        *(void**)(s_globals + 8) = (void*)Marshal.StringToHGlobalAnsi(Program);
        *(void**)(s_globals + 16) = (void*)Marshal.StringToHGlobalAnsi("1");
        *(void**)(s_globals + s_exitErrorOffset) = exitError;
        *(void**)(s_globals + s_exitErrorOffset + sizeof(nint)) = (delegate* unmanaged[Cdecl]<byte*, byte, int, int>)&IsCompatible;
        return true;
    }

    /// <summary>Whether struct xtables_match and xtables_target are what they are taken for: two extensions of known size tell.</summary>
    private static bool HasKnownLayout()
    {
        LibxtablesSession session = EnterAlone(NetfilterFamily.Inet, asksKernel: false);
        try
        {
            fixed (byte* tcp = "tcp"u8, log = "LOG"u8)
            {
                var match = (xtables_match*)session.Call(session.Library.find_match, (nuint)tcp, xtables.XTF_LOAD_MUST_SUCCEED);
                var target = (xtables_target*)session.Call(session.Library.find_target, (nuint)log, xtables.XTF_LOAD_MUST_SUCCEED);
                return Is(match->name, "tcp"u8) && match->size == 16 && match->userspacesize <= 16 && match->m == null
                    && Is(target->name, "LOG"u8) && target->size == 32 && target->userspacesize <= 32 && target->t == null;
            }
        }
        finally
        {
            Guard.Release();
        }

        static bool Is(byte* name, ReadOnlySpan<byte> expected) =>
            MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name).SequenceEqual(expected);
    }

    private static string CleanText(ReadOnlySpan<byte> text) =>
        string.Join(' ', Encoding.UTF8.GetString(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static uint getuid() => (uint)Tmds.Linux.LibC.getuid();

    private static uint geteuid() => (uint)Tmds.Linux.LibC.geteuid();

    private sealed class FoundExtension(byte[] name, byte revision, bool isTarget, nuint extension)
    {
        public byte[] Name => name;

        public byte Revision => revision;

        public bool IsTarget => isTarget;

        public nuint Extension => extension;
    }
}

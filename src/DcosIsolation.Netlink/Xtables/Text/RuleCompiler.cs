using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Compiles the words of one rule, option by option, as iptables does (xshared.c, do_parse and command_default): options of iptables itself
/// here, all others by the match or target that declares them. What is allocated lives in libxtables' lists until the end.
/// </summary>
internal sealed unsafe class RuleCompiler : IDisposable
{
    private static readonly SearchValues<byte> s_spaces = SearchValues.Create(" \t\n\v\f\r"u8);

    private readonly LibxtablesSession _session;
    private readonly Libxtables _library;
    private readonly string _table;
    private readonly Func<string, bool> _isChain;
    private readonly Encoding _encoding;
    private readonly RuleWords _words;
    private readonly RuleHeader _header;

    private readonly xtables_rule_match** _matches;
    private xtables_target* _target;
    private byte* _protocol;
    private bool _protocolUsed;
    private byte* _jump;
    private byte* _source;
    private byte* _destination;
    private XtablesCounters? _counters;
    private int _seen;

    public RuleCompiler(
        LibxtablesSession session, string table, Func<string, bool> isChain, Encoding encoding)
    {
        (_session, _library, _table, _isChain, _encoding) = (session, session.Library, table, isChain, encoding);
        (_words, _header) = (LibxtablesSession.Words, session.Header);
        _matches = LibxtablesSession.Matches;
        _header.Clear();
    }

    public XtablesParsedRule Compile()
    {
        _session.StartRule();
        Guard.StartOptions();
        bool inverted = false;
        int option;
        while ((option = Next()) != -1)
        {
            if (option == 1)
            {
                ReadWord(ref inverted);
                continue;
            }

            if (option is '4' or '6')
            {
                if (option == '4' != (_session.Family == NetfilterFamily.Inet))
                {
                    return new([], null);
                }
            }
            else if (!TryReadOwn(option, inverted) && ReadForeign(option, inverted))
            {
                // A protocol's match was loaded, which may know the option: it is read again.
                continue;
            }

            inverted = false;
        }

        Check(inverted);
        return new(Entries(), _counters) { Warnings = LibxtablesSession.Warnings() };
    }

    public void Dispose()
    {
        _library.rule_matches_free(_matches);
        if (_target != null)
        {
            FreeTarget();
        }

        _library.free_opts(1);
    }

    private static byte* Argument => Guard.OptionArgument();

    private int Next() => Guard.NextOption(_words.Count, _words.Arguments, RuleOptions.Letters, *LibxtablesSession.Options);

    /// <summary>A word that is no option: a '!' negates what follows.</summary>
    private void ReadWord(ref bool inverted)
    {
        if (!Bytes(Argument).SequenceEqual("!"u8))
        {
            throw Refuse($"'{Text(Argument)}' is no option, nor the argument of one");
        }

        if (inverted)
        {
            throw Refuse("there are two ! in a row");
        }

        inverted = true;
        *Argument = 0;
    }

    private bool TryReadOwn(int option, bool inverted)
    {
        switch (option)
        {
            case 'p':
                Once('p', inverted, ip_tables.IPT_INV_PROTO);
                ReadProtocol();
                break;
            case 's':
                Once('s', inverted, ip_tables.IPT_INV_SRCIP);
                _source = Argument;
                break;
            case 'd':
                Once('d', inverted, ip_tables.IPT_INV_DSTIP);
                _destination = Argument;
                break;
            case 'i':
                Once('i', inverted, ip_tables.IPT_INV_VIA_IN);
                ReadInterface(_header.InInterface, _header.InInterfaceMask);
                break;
            case 'o':
                Once('o', inverted, ip_tables.IPT_INV_VIA_OUT);
                ReadInterface(_header.OutInterface, _header.OutInterfaceMask);
                break;
            case 'f':
                if (_session.Family == NetfilterFamily.Inet6)
                {
                    throw Refuse("-f is not for IPv6; use -m frag");
                }

                Once('f', inverted, ip_tables.IPT_INV_FRAG);
                _header.LateFlags |= ip_tables.IPT_F_FRAG;
                break;
            case 'g':
                Once('j', inverted, 0);
                _header.LateFlags |= _header.Goto;
                _jump = CheckTargetName(Argument);
                break;
            case 'j':
                Once('j', inverted, 0);
                Jump(Argument);
                break;
            case 'm':
                Match(inverted);
                break;
            case 'c':
                Once('c', inverted, 0);
                ReadCounters();
                break;
            case 'v':
                break;
            case 'A' or 'C' or 'D' or 'R' or 'I' or 'L' or 'S' or 'F' or 'Z' or 'N' or 'X' or 'E' or 'P':
                throw Refuse($"-{(char)option} is a command, which has no place within a rule");
            case 'n' or 'x' or '0' or 't' or 'w' or 'W' or 'M' or 'h' or 'V':
                throw Refuse(option == '0' ? "--line-numbers has no place within a rule" : $"-{(char)option} has no place within a rule");
            default:
                return false;
        }

        return true;
    }

    /// <summary>Gives an option to the extension that declares it; true to read it again, since more options are known now.</summary>
    private bool ReadForeign(int option, bool inverted)
    {
        if (_target != null && (_target->parse != null || _target->x6_parse != null) && IsOf(option, _target->option_offset))
        {
            Call(_library.option_tpcall, (nuint)option, (nuint)_words.Arguments, inverted ? 1u : 0, (nuint)_target, (nuint)_header.Entry);
            return false;
        }

        for (xtables_rule_match* item = *_matches; item != null; item = item->next)
        {
            xtables_match* match = item->match;
            if (item->completed == 0 && (match->x6_parse != null || match->parse != null) && IsOf(option, match->option_offset))
            {
                Call(_library.option_mpcall, (nuint)option, (nuint)_words.Arguments, inverted ? 1u : 0, (nuint)match, (nuint)_header.Entry);
                return false;
            }
        }

        if (LoadProtocol())
        {
            _ = Guard.OptionIndex(-1);
            return true;
        }

        string word = Text(_words.Arguments[Guard.OptionIndex(0) - 1]);
        throw Refuse(option == ':' ? $"the option '{word}' needs an argument" : $"unknown option '{word}'");
    }

    private static bool IsOf(int option, uint offset) => option >= offset && option < offset + xtables.XT_OPTION_OFFSET_SCALE;

    /// <summary>-p tcp also means -m tcp, once one of its options is there (xshared.c, should_load_proto).</summary>
    private bool LoadProtocol()
    {
        if (_protocol == null || _protocolUsed)
        {
            return false;
        }

        ReadOnlySpan<byte> name = Bytes(_protocol);
        if (byte.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out byte number))
        {
            name = _session.ProtocolName(number);
            if (name[0] is >= (byte)'0' and <= (byte)'9')
            {
                return false;
            }
        }

        xtables_match* match;
        fixed (byte* bytes = WithNul(name))
        {
            match = (xtables_match*)Call(_library.find_match, (nuint)bytes, xtables.XTF_TRY_LOAD, (nuint)_matches);
        }

        if (match == null)
        {
            return false;
        }

        _protocolUsed = true;
        Begin(match, match->name);
        Merge(match->x6_options, match->extra_opts, &match->option_offset);
        return true;
    }

    private void ReadProtocol()
    {
        _protocol = Argument;
        for (byte* letter = _protocol; *letter != 0; letter++)
        {
            *letter = (byte)char.ToLowerInvariant((char)*letter);
        }

        RefuseSlash(_protocol, "protocol");
        ushort number = (ushort)Call(_library.parse_protocol, (nuint)_protocol);
        if (number == 0 && (_header.InvertFlags & ip_tables.IPT_INV_PROTO) != 0)
        {
            throw Refuse("no packet can match ! -p all");
        }

        _header.SetProtocol(number);
    }

    private void ReadInterface(Span<byte> name, Span<byte> mask)
    {
        ReadOnlySpan<byte> text = Bytes(Argument);
        if (text.IsEmpty)
        {
            throw Refuse("the name of the interface is empty");
        }

        if (text.Length >= name.Length)
        {
            throw Refuse($"the interface's name '{Text(Argument)}' is longer than {name.Length - 1} bytes");
        }

        text.CopyTo(name);

        // With a + at the end any rest matches; without, the NUL must match too.
        mask[..(text[^1] == '+' ? text.Length - 1 : text.Length + 1)].Fill(0xff);
    }

    private void ReadCounters()
    {
        string packets = Text(Argument);
        string? bytes = null;
        if (packets.IndexOf(',') is var comma and > 0)
        {
            (packets, bytes) = (packets[..comma], packets[(comma + 1)..]);
        }
        else if (Guard.OptionIndex(0) is var index && index < _words.Count && *_words.Arguments[index] is not ((byte)'-' or (byte)'!'))
        {
            bytes = Text(_words.Arguments[index]);
            _ = Guard.OptionIndex(1);
        }

        if (!ulong.TryParse(packets, NumberStyles.None, CultureInfo.InvariantCulture, out ulong packetCount)
            || !ulong.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out ulong byteCount))
        {
            throw Refuse("-c needs two numbers, of packets and of bytes");
        }

        _counters = new(packetCount, byteCount);
    }

    private void Match(bool inverted)
    {
        if (inverted)
        {
            throw Refuse("a ! cannot stand before -m");
        }

        RefuseSlash(Argument, "match");
        var match = (xtables_match*)Call(_library.find_match, (nuint)Argument, xtables.XTF_LOAD_MUST_SUCCEED, (nuint)_matches);
        Begin(match, match->real_name != null ? match->real_name : match->name);

        // The second of its kind is a copy, and its options are known.
        if (match != match->next)
        {
            Merge(match->x6_options, match->extra_opts, &match->option_offset);
        }
    }

    private void Begin(xtables_match* match, byte* name)
    {
        int size = EntryShape.HeaderSize + (int)match->size;
        match->m = (xt_entry_match*)NativeMemory.AllocZeroed((nuint)size);
        match->m->u_user_match_size = (ushort)size;
        match->m->u_user_revision = match->revision;
        Bytes(name).CopyTo(new Span<byte>(match->m->u_user_name, x_tables.XT_EXTENSION_MAXNAMELEN));
        if (match->udata_size != 0)
        {
            NativeMemory.Free(match->udata);
            match->udata = NativeMemory.AllocZeroed(match->udata_size);
        }

        if (match->init != null)
        {
            Call(match->init, (nuint)match->m);
        }
    }

    private void Jump(byte* name)
    {
        _jump = CheckTargetName(name);
        if (IsVerdict(name))
        {
            return;
        }

        var target = (xtables_target*)Call(_library.find_target, (nuint)name, xtables.XTF_TRY_LOAD);
        if (target == null)
        {
            return;
        }

        int size = EntryShape.HeaderSize + (int)target->size;
        target->t = (xt_entry_target*)NativeMemory.AllocZeroed((nuint)size);
        target->t->u_user_target_size = (ushort)size;
        target->t->u_user_revision = target->revision;
        byte* realName = target->real_name != null ? target->real_name : name;
        Bytes(realName).CopyTo(new Span<byte>(target->t->u_user_name, x_tables.XT_EXTENSION_MAXNAMELEN));
        _target = target;
        if (target->udata_size != 0)
        {
            NativeMemory.Free(target->udata);
            target->udata = NativeMemory.AllocZeroed(target->udata_size);
        }

        if (target->init != null)
        {
            Call(target->init, (nuint)target->t);
        }

        Merge(target->x6_options, target->extra_opts, &target->option_offset);
    }

    /// <summary>Makes an extension's options known to getopt.</summary>
    private void Merge(void* x6Options, void* extraOptions, uint* offset)
    {
        void* merge = x6Options != null ? _library.options_xfrm : _library.merge_options;
        nuint added = (nuint)(x6Options != null ? x6Options : extraOptions);
        nuint merged = Call(merge, (nuint)_session.OriginalOptions, (nuint)(*LibxtablesSession.Options), added, (nuint)offset);
        *LibxtablesSession.Options = (option*)merged;
    }

    private void Check(bool inverted)
    {
        if (_table == "nat" && _jump != null && Bytes(_jump).SequenceEqual("DROP"u8))
        {
            throw Refuse("the table nat is not for filtering: DROP is not allowed there");
        }

        for (xtables_rule_match* item = *_matches; item != null; item = item->next)
        {
            Call(_library.option_mfcall, (nuint)item->match);
        }

        if (_target != null)
        {
            Call(_library.option_tfcall, (nuint)_target);
        }

        if (Guard.OptionIndex(0) < _words.Count)
        {
            throw Refuse("there is more behind the rule");
        }

        if (inverted)
        {
            throw Refuse("nothing follows the !");
        }
    }

    private ImmutableArray<XtablesEntry> Entries()
    {
        _header.Complete();
        bool isStandard = IsStandardTarget();
        using AddressList sources = new(_session, _source);
        using AddressList destinations = new(_session, _destination);
        if ((sources.Count > 1 || destinations.Count > 1) && (_header.InvertFlags & (ip_tables.IPT_INV_SRCIP | ip_tables.IPT_INV_DSTIP)) != 0)
        {
            throw Refuse("a ! is not allowed where there are several sources or destinations");
        }

        (byte[] bytes, ushort[] userSizes) = Encode(isStandard);
        var entries = ImmutableArray.CreateBuilder<XtablesEntry>(sources.Count * destinations.Count);
        for (int source = 0; source < sources.Count; source++)
        {
            for (int destination = 0; destination < destinations.Count; destination++)
            {
                byte[] entry = entries.Count == 0 ? bytes : bytes.AsSpan().ToArray();
                RuleHeader.SetAddresses(_session.Family, entry, sources, source, destinations, destination);
                entries.Add(new(_session.Family, entry, isStandard) { UserSizes = userSizes });
            }
        }

        return entries.MoveToImmutable();
    }

    /// <summary>Whether the rule has a verdict, a jump or nothing for its target; a chain goes before an extension.</summary>
    private bool IsStandardTarget()
    {
        if (_jump == null)
        {
            return true;
        }

        if (IsVerdict(_jump) && (_header.LateFlags & _header.Goto) == 0)
        {
            return true;
        }

        string name = Text(_jump);

        if (_isChain(name))
        {
            if (_target != null)
            {
                FreeTarget();
            }

            return true;
        }

        if ((_header.LateFlags & _header.Goto) != 0)
        {
            throw Refuse($"goto '{name}': there is no such chain");
        }

        if (_target == null)
        {
            // Says why in its own words.
            Call(_library.find_target, (nuint)_jump, xtables.XTF_LOAD_MUST_SUCCEED);
            throw Refuse($"there is no chain and no target '{name}'");
        }

        return false;
    }

    private (byte[] Bytes, ushort[] UserSizes) Encode(bool isStandard)
    {
        int header = EntryHeader.Size(_session.Family);
        int targetOffset = header;
        int extensions = 1;
        for (xtables_rule_match* item = *_matches; item != null; item = item->next)
        {
            targetOffset += item->match->m->u_user_match_size;
            extensions++;
        }

        int size = targetOffset + (isStandard ? sizeof(xt_standard_target) : _target->t->u_user_target_size);
        if (size > ushort.MaxValue)
        {
            throw Refuse($"the rule takes {size} bytes; xtables takes {ushort.MaxValue}");
        }

        byte[] bytes = new byte[size];
        ushort[] userSizes = new ushort[extensions];
        _header.Write(bytes, targetOffset, size);
        int at = header;
        int extension = 0;
        for (xtables_rule_match* item = *_matches; item != null; item = item->next)
        {
            int length = item->match->m->u_user_match_size;
            new ReadOnlySpan<byte>(item->match->m, length).CopyTo(bytes.AsSpan(at));
            userSizes[extension++] = (ushort)item->match->userspacesize;
            at += length;
        }

        if (isStandard)
        {
            EntryCodec.WriteStandardTarget(bytes.AsSpan(at), _jump == null ? "" : ChainName.FromBytes(Bytes(_jump)));
        }
        else
        {
            new ReadOnlySpan<byte>(_target->t, _target->t->u_user_target_size).CopyTo(bytes.AsSpan(at));
        }

        userSizes[extension] = isStandard ? ushort.MaxValue : (ushort)_target->userspacesize;
        return (bytes, userSizes);
    }

    private void FreeTarget()
    {
        NativeMemory.Free(_target->t);
        _target->t = null;
        NativeMemory.Free(_target->udata);
        _target->udata = null;
        if (_target->next == _target)
        {
            NativeMemory.Free(_target);
        }

        _target = null;
    }

    private static bool IsVerdict(byte* name) => Bytes(name) is { Length: 4 or 5 or 6 } bytes
        && (bytes.SequenceEqual("ACCEPT"u8) || bytes.SequenceEqual("DROP"u8) || bytes.SequenceEqual("RETURN"u8) || bytes.SequenceEqual("QUEUE"u8));

    private byte* CheckTargetName(byte* name)
    {
        ReadOnlySpan<byte> bytes = Bytes(name);
        if (bytes.IsEmpty || bytes.Length >= x_tables.XT_EXTENSION_MAXNAMELEN || bytes.ContainsAny(s_spaces))
        {
            throw Refuse($"'{Text(name)}' cannot name a target or chain: 1 to {x_tables.XT_EXTENSION_MAXNAMELEN - 1} bytes without spaces");
        }

        if (bytes.Contains((byte)'/') && !_isChain(Text(name)))
        {
            RefuseSlash(name, "target");
        }

        return name;
    }

    /// <summary>A name becomes part of a path, from which code is loaded.</summary>
    private void RefuseSlash(byte* name, string kind)
    {
        if (Bytes(name).Contains((byte)'/'))
        {
            throw Refuse($"there is no {kind} '{Text(name)}'");
        }
    }

    private void Once(char option, bool inverted, int invertFlag)
    {
        int bit = 1 << (option - 'a');
        if ((_seen & bit) != 0)
        {
            throw Refuse($"there is more than one -{option}");
        }

        if (inverted && invertFlag == 0)
        {
            throw Refuse($"a ! cannot stand before -{option}");
        }

        _seen |= bit;
        _header.InvertFlags |= (byte)(inverted ? invertFlag : 0);
    }

    private nuint Call(void* function, nuint a = 0, nuint b = 0, nuint c = 0, nuint d = 0, nuint e = 0) =>
        _session.Call(function, a, b, c, d, e);

    private XtablesRuleException Refuse(string reason) => new(_session.Family, reason);

    private static ReadOnlySpan<byte> Bytes(byte* text) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);

    private static byte[] WithNul(ReadOnlySpan<byte> text) => [.. text, 0];

    private string Text(byte* text) => _encoding.GetString(Bytes(text));
}

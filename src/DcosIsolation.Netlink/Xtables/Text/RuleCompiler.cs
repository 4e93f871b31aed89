using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Compiles the words of one rule, option by option, as iptables does (xshared.c, do_parse and command_default): options of iptables itself
/// here, all others by the match or target that declares them. What is allocated lives in libxtables' lists until the end.
/// </summary>
internal sealed unsafe partial class RuleCompiler : IDisposable
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

using System.Globalization;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <content>The matches and the target that a rule names, and the options that they declare.</content>
internal sealed unsafe partial class RuleCompiler
{
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
}

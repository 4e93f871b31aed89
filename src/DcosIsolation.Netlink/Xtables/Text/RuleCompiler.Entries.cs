using System.Collections.Immutable;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <content>What has been read, as bytes.</content>
internal sealed unsafe partial class RuleCompiler
{
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
}

using System.Buffers;
using System.Buffers.Text;
using System.Numerics;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Prints rules as iptables-save does (iptables.c, print_rule4): what is iptables' own here, matches and targets by their extensions.
/// </summary>
internal sealed unsafe class RuleRenderer(LibxtablesSession session, IBufferWriter<byte> output)
{
    private readonly NetfilterFamily _family = session.Family;

    /// <summary>Prints a rule, each part with a space before it.</summary>
    /// <param name="rule">The rule: struct ipt_entry or ip6t_entry.</param>
    /// <param name="target">The verdict or chain if the target is the standard one; otherwise nobody looks at it.</param>
    /// <param name="isStandard">Whether it is.</param>
    /// <exception cref="XtablesRuleException">An extension is missing, or refuses.</exception>
    public void Rule(byte* rule, ReadOnlySpan<byte> target, bool isStandard)
    {
        bool isGoto = _family == NetfilterFamily.Inet ? Head(ref ((ipt_entry*)rule)->ip) : Head(ref ((ip6t_entry*)rule)->ipv6);
        (int targetOffset, _) = EntryHeader.Offsets(_family, new(rule, EntryHeader.Size(_family)));
        for (int at = EntryHeader.Size(_family); at < targetOffset; at += ((xt_entry_match*)(rule + at))->u_user_match_size)
        {
            Match(rule, (xt_entry_match*)(rule + at));
        }

        if (!isStandard)
        {
            Target(rule, (xt_entry_target*)(rule + targetOffset));
        }
        else if (!target.IsEmpty)
        {
            Text(isGoto ? " -g "u8 : " -j "u8);
            Text(target);
        }
    }

    public void Text(ReadOnlySpan<byte> text) => output.Write(text);

    public void Number(ulong number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out int written);
        output.Advance(written);
    }

    private bool Head(ref ipt_ip ip)
    {
        fixed (ipt_ip* head = &ip)
        {
            Address(" -s "u8, head->src, head->smsk, (head->invflags & ip_tables.IPT_INV_SRCIP) != 0);
            Address(" -d "u8, head->dst, head->dmsk, (head->invflags & ip_tables.IPT_INV_DSTIP) != 0);
            Interface(" -i "u8, head->iniface, head->iniface_mask, (head->invflags & ip_tables.IPT_INV_VIA_IN) != 0);
            Interface(" -o "u8, head->outiface, head->outiface_mask, (head->invflags & ip_tables.IPT_INV_VIA_OUT) != 0);
            Protocol(head->proto, (head->invflags & ip_tables.IPT_INV_PROTO) != 0);
            if ((head->flags & ip_tables.IPT_F_FRAG) != 0)
            {
                Text((head->invflags & ip_tables.IPT_INV_FRAG) != 0 ? " ! -f"u8 : " -f"u8);
            }

            return (head->flags & RuleHeader.GotoFlag(_family)) != 0;
        }
    }

    private bool Head(ref ip6t_ip6 ip)
    {
        fixed (ip6t_ip6* head = &ip)
        {
            Address(" -s "u8, head->src, head->smsk, (head->invflags & ip_tables.IPT_INV_SRCIP) != 0);
            Address(" -d "u8, head->dst, head->dmsk, (head->invflags & ip_tables.IPT_INV_DSTIP) != 0);
            Interface(" -i "u8, head->iniface, head->iniface_mask, (head->invflags & ip_tables.IPT_INV_VIA_IN) != 0);
            Interface(" -o "u8, head->outiface, head->outiface_mask, (head->invflags & ip_tables.IPT_INV_VIA_OUT) != 0);
            Protocol(head->proto, (head->invflags & ip_tables.IPT_INV_PROTO) != 0);
            return (head->flags & RuleHeader.GotoFlag(_family)) != 0;
        }
    }

    private void Address(ReadOnlySpan<byte> option, byte* address, byte* mask, bool inverted)
    {
        int size = _family == NetfilterFamily.Inet ? 4 : 16;
        int length = PrefixLength(new(mask, size));

        // To ip6tables-save a mask of length 0 is no condition, whatever the address; to iptables-save the address must be 0 too.
        bool isAny = length == 0 && (size == 16 || new ReadOnlySpan<byte>(address, size).IndexOfAnyExcept((byte)0) < 0);
        if (isAny && !inverted)
        {
            return;
        }

        Negation(inverted);
        Text(option);
        Address(address);
        Text("/"u8);
        if (length >= 0)
        {
            Number((ulong)length);
        }
        else
        {
            Address(mask);
        }
    }

    private void Address(byte* address)
    {
        const int Longest = 46;
        Span<byte> text = output.GetSpan(Longest);
        fixed (byte* start = text)
        {
            int family = _family == NetfilterFamily.Inet ? Tmds.Linux.LibC.AF_INET : Tmds.Linux.LibC.AF_INET6;
            netdb_h.inet_ntop(family, address, start, Longest);
        }

        output.Advance(text.IndexOf((byte)0));
    }

    private void Interface(ReadOnlySpan<byte> option, byte* name, byte* mask, bool inverted)
    {
        const int Size = 16;
        if (mask[0] == 0)
        {
            return;
        }

        Negation(inverted);
        Text(option);
        for (int i = 0; i < Size; i++)
        {
            if (mask[i] == 0)
            {
                Text(name[i - 1] != 0 ? "+"u8 : ""u8);
                break;
            }

            Text(name[i] != 0 ? new(name + i, 1) : ""u8);
        }
    }

    private void Protocol(ushort protocol, bool inverted)
    {
        if (protocol > 0)
        {
            Negation(inverted);
            Text(" -p "u8);
            Text(session.ProtocolName((byte)protocol));
        }
    }

    private void Match(byte* rule, xt_entry_match* match)
    {
        ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(match->u_user_name);
        xtables_match* extension = session.FindMatch(name, match->u_user_revision);
        if (extension == null)
        {
            throw Missing("match", name);
        }

        Text(" -m "u8);
        bool isExact = extension->revision == match->u_user_revision;
        Name(extension->alias, (nuint)match, name);
        Save(extension->save, isExact, rule, (nuint)match);
    }

    private void Target(byte* rule, xt_entry_target* target)
    {
        ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(target->u_user_name);
        xtables_target* extension = session.FindTarget(name, target->u_user_revision);
        if (extension == null)
        {
            throw Missing("target", name);
        }

        Text(" -j "u8);
        bool isExact = extension->revision == target->u_user_revision;
        Name(extension->alias, (nuint)target, name);
        if (extension->save == null && target->u_user_target_size > EntryShape.HeaderSize)
        {
            throw new XtablesRuleException(_family, $"the extension of the target {ChainName.FromBytes(name)} cannot print its options");
        }

        Save(extension->save, isExact, rule, (nuint)target);
    }

    private void Name(void* alias, nuint data, ReadOnlySpan<byte> name) => Text(alias == null
        ? name
        : MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)session.Call(alias, data)));

    private void Save(void* save, bool isExact, byte* rule, nuint data)
    {
        if (save == null)
        {
            return;
        }

        if (!isExact)
        {
            Text(" [unsupported revision]"u8);
            return;
        }

        session.Call(save, (nuint)rule, data);
        Text(LibxtablesSession.Printed());
    }

    private void Negation(bool inverted) => Text(inverted ? " !"u8 : ""u8);

    private XtablesRuleException Missing(string kind, ReadOnlySpan<byte> name) => new(
        _family, $"no extension for the {kind} {ChainName.FromBytes(name)} is installed, so that its rule cannot be printed");

    /// <summary>The length of the prefix that a mask is, or -1 if it has holes.</summary>
    private static int PrefixLength(ReadOnlySpan<byte> mask)
    {
        int length = 0;
        int at = 0;
        while (at < mask.Length && mask[at] == 0xff)
        {
            length += 8;
            at++;
        }

        if (at < mask.Length)
        {
            int ones = BitOperations.LeadingZeroCount((uint)(byte)~mask[at]) - 24;
            length += ones;
            bool hasHole = (byte)(mask[at] << ones) != 0 || mask[(at + 1)..].ContainsAnyExcept((byte)0);
            return hasHole ? -1 : length;
        }

        return length;
    }
}

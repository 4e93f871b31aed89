using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The target <c>NFLOG</c> (struct xt_nflog_info): a copy of each packet for who listens to a group of nfnetlink_log, in the packet's own
/// network namespace; the packet goes on to the next rule.
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="Prefix">What the listener is told beside the packet: at most 63 bytes of UTF-8, without NUL.</param>
public sealed record NflogTarget(ushort Group = 0, string Prefix = "") : XtablesTarget
{
    internal override unsafe Extension Extension(NetfilterFamily family) => new("NFLOG", 0, sizeof(xt_nflog_info));

    internal override unsafe void Write(NetfilterFamily family, Span<byte> data)
    {
        ref xt_nflog_info info = ref MemoryMarshal.AsRef<xt_nflog_info>(data);
        info.group = Group;
        SavedText.Write(Prefix, MemoryMarshal.CreateSpan(ref info.prefix[0], xt_nflog_info.PrefixSize), "the prefix of an NFLOG target");
    }

    internal static unsafe NflogTarget? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < Unsafe.SizeOf<xt_nflog_info>())
        {
            return null;
        }

        xt_nflog_info info = MemoryMarshal.Read<xt_nflog_info>(data);
        return SavedText.TryRead(new(info.prefix, xt_nflog_info.PrefixSize)) is { } prefix ? new(info.group, prefix) : null;
    }

    /// <summary>The target as iptables-save prints it.</summary>
    public override string ToString() =>
        $"-j NFLOG{SavedText.Option("--nflog-prefix", Prefix)}{(Group == 0 ? "" : $" --nflog-group {Group}")}";
}

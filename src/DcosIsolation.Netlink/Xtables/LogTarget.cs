using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The target <c>LOG</c> (struct xt_log_info): a line in the kernel's log for each packet, which then goes on to the next rule. In a
/// network namespace other than the first the line is written only with net.netfilter.nf_log_all_netns.
/// </summary>
/// <param name="Prefix">What the line begins with: at most 29 bytes of UTF-8, without NUL.</param>
/// <param name="Level">The level, 0 (emergency) to 7 (debug).</param>
public sealed record LogTarget(string Prefix = "", byte Level = LogTarget.DefaultLevel) : XtablesTarget
{
    /// <summary>Warning, which iptables leaves unsaid.</summary>
    public const byte DefaultLevel = 4;

    internal override unsafe Extension Extension(NetfilterFamily family) => new("LOG", 0, sizeof(xt_log_info));

    internal override unsafe void Write(NetfilterFamily family, Span<byte> data)
    {
        if (Level > 7)
        {
            throw new ArgumentException($"a log level is 0 to 7, not {Level}");
        }

        ref xt_log_info info = ref MemoryMarshal.AsRef<xt_log_info>(data);
        info.level = Level;
        SavedText.Write(Prefix, MemoryMarshal.CreateSpan(ref info.prefix[0], xt_log_info.PrefixSize), "the prefix of a LOG target");
    }

    internal static unsafe LogTarget? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < Unsafe.SizeOf<xt_log_info>())
        {
            return null;
        }

        xt_log_info info = MemoryMarshal.Read<xt_log_info>(data);
        return info.level <= 7 && SavedText.TryRead(new(info.prefix, xt_log_info.PrefixSize)) is { } prefix
            ? new(prefix, info.level)
            : null;
    }

    /// <summary>The target as iptables-save prints it.</summary>
    public override string ToString() =>
        $"-j LOG{SavedText.Option("--log-prefix", Prefix)}{(Level == DefaultLevel ? "" : $" --log-level {Level}")}";
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>The match <c>limit</c> (struct xt_rateinfo): true for so many packets in a time and no more, as a bucket of tokens.</summary>
/// <param name="Average">
/// The time from one packet to the next, in ten-thousandths of a second (XT_LIMIT_SCALE): 1000 is ten packets in a second.
/// </param>
/// <param name="Burst">How many packets may come at once. The kernel refuses what takes more than about a day to fill up again.</param>
public sealed record LimitMatch(uint Average, uint Burst = LimitMatch.DefaultBurst) : XtablesMatch
{
    /// <summary>The burst that iptables leaves unsaid.</summary>
    public const uint DefaultBurst = 5;

    internal override unsafe Extension Extension(NetfilterFamily family) => new("limit", 0, sizeof(xt_rateinfo));

    internal override void Write(Span<byte> data)
    {
        if (Average == 0 || Burst == 0)
        {
            throw new ArgumentException("a limit match takes an average and a burst of 1 or more");
        }

        // The rest is the kernel's: zeros have it begin anew, and it returns zeros (xt_limit.c, usersize; Linux 4.11).
        ref xt_rateinfo info = ref MemoryMarshal.AsRef<xt_rateinfo>(data);
        (info.avg, info.burst) = (Average, Burst);
    }

    internal static LimitMatch? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < Unsafe.SizeOf<xt_rateinfo>())
        {
            return null;
        }

        xt_rateinfo info = MemoryMarshal.Read<xt_rateinfo>(data);
        return info.avg == 0 || info.burst == 0 ? null : new(info.avg, info.burst);
    }

    /// <summary>The match as iptables-save prints it: in the shortest unit of time that is nearly exact (libxt_limit.c, print_rate).</summary>
    public override string ToString()
    {
        const ulong Second = xt_limit.XT_LIMIT_SCALE;
        string rate = "";
        foreach ((string unit, ulong length) in (ReadOnlySpan<(string, ulong)>)
            [("day", 86400 * Second), ("hour", 3600 * Second), ("min", 60 * Second), ("sec", Second)])
        {
            if (rate.Length > 0 && (Average > length || length / Average < length % Average))
            {
                break;
            }

            rate = $"{length / Math.Max(Average, 1)}/{unit}";
        }

        return $"-m limit --limit {rate}{(Burst == DefaultBurst ? "" : $" --limit-burst {Burst}")}";
    }
}

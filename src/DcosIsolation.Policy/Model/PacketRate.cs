namespace DcosIsolation.Policy;

/// <summary>So many packets in a time, as the xtables match <c>limit</c> has it: the same when iptables-save prints the same.</summary>
public readonly record struct PacketRate
{
    private const uint Second = 10_000;

    private static readonly (string Unit, uint Length)[] s_units =
        [("day", 86_400 * Second), ("hour", 3_600 * Second), ("min", 60 * Second), ("sec", Second)];

    private PacketRate(uint interval) => Interval = interval;

    /// <summary>Ten packets in a second.</summary>
    public static PacketRate Default => new(Second / 10);

    /// <summary>The time from one packet to the next, in ten-thousandths of a second.</summary>
    public uint Interval { get; }

    /// <summary>The rate of <paramref name="count"/> packets in <paramref name="seconds"/>.</summary>
    /// <returns>
    /// The rate, or null: no more than 10,000 packets in a second can be told apart (XT_LIMIT_SCALE), and with less than 4 in a day the
    /// kernel's reckoning of the burst may overflow (xt_limit.c, limit_mt_check).
    /// </returns>
    public static PacketRate? TryMake(uint count, uint seconds)
    {
        ulong interval = count == 0 ? 0 : (ulong)seconds * Second / count;
        if (interval is 0 or > 86_400 / 4 * Second)
        {
            return null;
        }

        // Different intervals may print as one; that is taken which the printed text means.
        var rate = new PacketRate((uint)interval);
        while (rate.Printed is (var printed, _, var length) && length / printed != rate.Interval)
        {
            rate = new PacketRate(length / printed);
        }

        return rate;
    }

    /// <summary>The rate that the kernel has as <paramref name="interval"/>, or null when the project would not write it.</summary>
    public static PacketRate? OfInterval(uint interval)
    {
        PacketRate rate = new(Math.Max(interval, 1));
        (uint count, _, uint length) = rate.Printed;
        return interval == length / Math.Max(count, 1) && interval <= 86_400 / 4 * Second ? rate : null;
    }

    /// <summary>The rate as iptables-save prints it: <c>10/sec</c>.</summary>
    public override string ToString() => $"{Printed.Count}/{Printed.Unit}";

    /// <summary>In the shortest unit of time in which the rate is nearly exact (libxt_limit.c, print_rate).</summary>
    private (uint Count, string Unit, uint Length) Printed
    {
        get
        {
            int unit = 0;
            while (unit + 1 < s_units.Length
                && Interval <= s_units[unit + 1].Length
                && s_units[unit + 1].Length / Interval >= s_units[unit + 1].Length % Interval)
            {
                unit++;
            }

            return (s_units[unit].Length / Interval, s_units[unit].Unit, s_units[unit].Length);
        }
    }
}

using System.Numerics;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>What one component of an element says of addresses: a prefix, or IPv4 addresses from one to another.</summary>
/// <param name="First">The prefix; of a range the first of the prefixes that it is made of.</param>
/// <param name="End">The last address of a range, or null.</param>
internal readonly record struct IpsetAddressRange(IpsetPrefix First, uint? End)
{
    /// <summary>A range; its ends may come in either order, as they may for the kernel.</summary>
    public static IpsetAddressRange Between(uint one, uint other)
    {
        (uint start, uint end) = one <= other ? (one, other) : (other, one);
        return new(Largest(start, end), end);
    }

    /// <summary>
    /// The largest prefix that begins at <paramref name="start"/> and does not go beyond <paramref name="end"/>; never all addresses,
    /// which no hash holds. As ip_set_range_to_cidr in the kernel's pfxlen.c cuts a range.
    /// </summary>
    public static IpsetPrefix Largest(uint start, uint end)
    {
        ulong count = start <= end ? (ulong)end - start + 1 : 1;
        int zeros = Math.Min(BitOperations.TrailingZeroCount(start), BitOperations.Log2(count));
        return IpsetPrefix.FromIpv4(start, (byte)(32 - Math.Min(zeros, 31)));
    }

    /// <summary>Goes on to the next prefix of a range, unless <paramref name="prefix"/> is its last.</summary>
    public static bool Next(ref IpsetPrefix prefix, uint? end)
    {
        if (end is not { } last)
        {
            return false;
        }

        ulong next = prefix.Ipv4 + (1UL << (32 - prefix.Length));
        if (next > last)
        {
            return false;
        }

        prefix = Largest((uint)next, last);
        return true;
    }
}

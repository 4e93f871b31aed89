using System.Globalization;
using System.Net;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Scale;

/// <summary>A prefix of IPv4 in eight bytes, which writes itself into the library's batches.</summary>
internal readonly record struct Net(uint Address, byte Length) : IIpsetEntry
{
    public static int MaxEncodedLength => IpsetEntry.MaxEncodedLength;

    public static Net Parse(string text)
    {
        var network = IPNetwork.Parse(text);
        Span<byte> bytes = stackalloc byte[4];
        network.BaseAddress.TryWriteBytes(bytes, out _);
        return new Net(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes), (byte)network.PrefixLength);
    }

    public void WriteTo(ref NetlinkMessageWriter writer) => ToEntry().WriteTo(ref writer);

    public IpsetEntry ToEntry() => IpsetEntry.Net(new IpsetPrefix(NetfilterFamily.Inet, (UInt128)Address << 96, Length));

    public override string ToString() => $"{Dotted(Address)}/{Length}";

    /// <summary>The ranges, first and last address, that are left when those that touch or overlap are merged, in order.</summary>
    public static List<(uint First, uint Last)> Merge(IEnumerable<Net> nets)
    {
        var ranges = new List<(uint First, uint Last)>();
        foreach (Net net in nets.OrderBy(net => net.Address))
        {
            uint last = net.Address + (uint)((1ul << (32 - net.Length)) - 1);
            if (ranges.Count > 0 && net.Address <= ranges[^1].Last + 1ul)
            {
                ranges[^1] = (ranges[^1].First, Math.Max(ranges[^1].Last, last));
            }
            else
            {
                ranges.Add((net.Address, last));
            }
        }

        return ranges;
    }

    /// <summary>How many prefixes ranges need: each time the largest that begins where the last one ended.</summary>
    public static int CountPrefixes(IEnumerable<(uint First, uint Last)> ranges)
    {
        int count = 0;
        foreach ((ulong first, ulong last) in ranges)
        {
            for (ulong next = first; next <= last; count++)
            {
                ulong size = next == 0 ? 1ul << 32 : next & (~next + 1);
                while (size > last + 1 - next)
                {
                    size >>= 1;
                }

                next += size;
            }
        }

        return count;
    }

    /// <summary>An address in dots.</summary>
    public static string Dotted(uint address) =>
        string.Create(CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
}

using System.Globalization;
using System.Net;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>A set's options in the order in which the ipset program prints them.</summary>
internal static class SetHeader
{
    /// <summary>Names and values; an option without a value has null.</summary>
    /// <remarks>forceadd is not among them: ipset 7.17 does not print it.</remarks>
    public static IEnumerable<(string Name, string? Value)> Options(IpsetInfo info)
    {
        IpsetCreateOptions options = info.Options;
        (string Name, bool IsSet, string? Value)[] all =
        [
            ("family", info.Family != NetfilterFamily.Unspecified, Family(info.Family)),
            Number("size", options.ListSize),
            Number("hashsize", options.HashSize),
            Number("maxelem", options.MaxElem),
            Number("timeout", options.Timeout),
            ("counters", options.Counters, null),
            ("comment", options.Comments, null),
            ("skbinfo", options.SkbInfo, null),
            Number("bucketsize", options.BucketSize),
            ("initval", options.InitVal is not null, $"0x{options.InitVal:x8}"),
            ("bitmask", options.Bitmask is not null, Mask(options.Bitmask)),
            Number("netmask", options.Netmask),
        ];
        return from option in all where option.IsSet select (option.Name, option.Value);
    }

    private static (string Name, bool IsSet, string? Value) Number(string name, uint? value) =>
        (name, value is not null, value?.ToString(CultureInfo.InvariantCulture));

    private static string Family(NetfilterFamily family) => family switch
    {
        NetfilterFamily.Inet => "inet",
        NetfilterFamily.Inet6 => "inet6",
        _ => "any",
    };

    // Through an entry, so that a mask is written as addresses are.
    private static string? Mask(IPAddress? mask) =>
        mask is null ? null : IpsetEntry.Net(IpsetPrefix.From(mask, (byte)(mask.GetAddressBytes().Length * 8))).ToString();
}

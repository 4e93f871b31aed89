using System.Text;
using DcosIsolation.Daemon.IpsetCommand;
using DcosIsolation.Daemon.IpsetCommand.Listing;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

/// <summary>Prints sets that no kernel has.</summary>
internal static class PrintedSets
{
    public static IpsetInfo HashNet(string name = "n", IpsetCreateOptions? options = null) => new(name, "hash:net", 7, NetfilterFamily.Inet)
    {
        References = 1,
        Elements = 2,
        MemorySize = 600,
        Options = options ?? new IpsetCreateOptions { HashSize = 1024, MaxElem = 65536, BucketSize = 12, InitVal = 0x1f },
    };

    public static IpsetInfo ListSet(string name = "l") =>
        new(name, "list:set", 3, NetfilterFamily.Unspecified) { Options = new IpsetCreateOptions { ListSize = 8 } };

    public static IpsetEntry Net(string address, byte length) =>
        IpsetEntry.Net(IpsetPrefix.From(System.Net.IPAddress.Parse(address), length));

    public static string Print(IpsetSettings settings, params (IpsetInfo Info, IpsetEntry[] Entries)[] sets) =>
        Print(settings, TextWriter.Null, sets);

    public static string Print(IpsetSettings settings, TextWriter error, params (IpsetInfo Info, IpsetEntry[] Entries)[] sets)
    {
        using var output = new MemoryStream();
        var listing = new SetListing(settings, output, error);
        listing.Begin();
        foreach ((IpsetInfo info, IpsetEntry[] entries) in sets)
        {
            listing.BeginSet(info);
            foreach (IpsetEntry entry in entries)
            {
                listing.AddEntry(entry);
            }
        }

        listing.End();
        return Encoding.UTF8.GetString(output.ToArray());
    }
}

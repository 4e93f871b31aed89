using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Scale;

/// <summary>
/// The library beside the least that a program in C needs for the same: the same entries, the same create options, batches of the same
/// size. The entries are at hand before the clock starts. In C so are the messages, and their order: the library finds both while its clock
/// runs.
/// </summary>
internal sealed partial class LibraryAndFloor
{
    /// <summary>The first revision of hash:net whose listing tells the seed of the hash, without which there is no bucket order.</summary>
    private const byte TellsInitVal = 7;

    private readonly Paths _paths;
    private readonly Sandbox _sandbox;
    private readonly OneNetwork _network;

    public LibraryAndFloor(Paths paths, Sandbox sandbox, OneNetwork network)
    {
        (_paths, _sandbox, _network) = (paths, sandbox, network);
        FloorDump = new Row("floor of reading back") { Entries = network.Count };
        FloorBuckets = new Row("floor, bucket order", FloorFile);
        AddRange = new Row("`IpsetClient.AddRange`, file order", FloorFile);
        Fill = new Row("`IpsetClient.Fill`, bucket order", FloorFile);
        ReadEntries = new Row("`IpsetClient.ReadEntries`", FloorDump) { Entries = network.Count };
        FloorFile.Entries = FloorBuckets.Entries = AddRange.Entries = Fill.Entries = network.Count;
    }

    public Row FloorFile { get; } = new("floor, file order");

    public Row FloorBuckets { get; }

    public Row FloorDump { get; }

    public Row AddRange { get; }

    public Row Fill { get; }

    public Row ReadEntries { get; }

    /// <summary>Has the code compiled that is timed later.</summary>
    public void WarmUp()
    {
        Net[] some = _network.Nets[..Math.Min(_network.Count, 2 * IpsetClient.FillInOrder)];
        Sandbox.Enter();
        Time(new Row("warm-up"), new Row("warm-up"), some, fill: false);
        Sandbox.Enter();
        Time(new Row("warm-up"), new Row("warm-up"), some, fill: true);
    }

    /// <summary>One run of each, the library and the floor in turn, and in the next round the other way round.</summary>
    public void Run(int round)
    {
        Action[] turns =
        [
            () => RunFloor(_paths, _sandbox, _network, FloorFile, FloorDump),
            () => Time(AddRange, ReadEntries, _network.Nets, fill: false),
            () => RunFloor(_paths, _sandbox, _network, FloorBuckets, null, "bucket"),
            () => Time(Fill, null, _network.Nets, fill: true),
        ];
        foreach (Action turn in round % 2 == 0 ? turns.Reverse() : turns)
        {
            Sandbox.Enter();
            turn();
        }
    }

    public static void RunFloor(Paths paths, Sandbox sandbox, OneNetwork network, Row add, Row? dump, string order = "file")
    {
        sandbox.Run($"'{paths.Floor}' '{paths.File("ipset")}' {IpsetCreateOptions.ForCount(network.Count).HashSize} {order}");
        string output = File.ReadAllText(sandbox.Output);
        OneNetwork.Expect("floor", network.Count, (long)Number(Entries(), output));
        add.Add(Number(Added(), output) / 1000);
        dump?.Add(Number(Dumped(), output) / 1000);
    }

    private static double Number(Regex pattern, string text) =>
        double.Parse(pattern.Match(text).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^([0-9]+) entries")]
    private static partial Regex Entries();

    [GeneratedRegex("add ([0-9.]+) ms")]
    private static partial Regex Added();

    [GeneratedRegex("dump ([0-9.]+) ms")]
    private static partial Regex Dumped();

    private static void Time(Row add, Row? read, Net[] nets, bool fill)
    {
        using var client = IpsetClient.Open();
        IpsetCreateOptions options = IpsetCreateOptions.ForCount(nets.Length) with { MaxElem = (uint)nets.Length };
        client.Create("bulk", IpsetType.HashNet, NetfilterFamily.Inet, fill ? options with { Revision = TellsInitVal } : options);
        GC.Collect();

        var watch = Stopwatch.StartNew();
        if (fill)
        {
            client.Fill<Net>("bulk", nets);
        }
        else
        {
            client.AddRange<Net>("bulk", nets);
        }

        add.Add(watch.Elapsed.TotalSeconds);
        OneNetwork.Expect(add.Name, nets.Length, client.GetInfo("bulk")?.Elements ?? 0);
        if (read is not null)
        {
            long found = 0;
            watch.Restart();
            client.ReadEntries("bulk", (in _) => found++);
            read.Add(watch.Elapsed.TotalSeconds);
            OneNetwork.Expect(read.Name, nets.Length, found);
        }
    }
}

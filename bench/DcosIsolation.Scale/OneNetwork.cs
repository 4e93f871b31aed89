using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Scale;

/// <summary>A policy of one network with many prefixes: what it costs to bring them into the kernel, with each program.</summary>
internal sealed class OneNetwork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    private readonly Paths _paths;
    private readonly Sandbox _sandbox;
    private readonly Net[] _changed;
    private readonly List<(uint First, uint Last)> _ranges;
    private readonly int _merged;
    private readonly int _changedMerged;
    private bool _nftChecked;

    /// <param name="paths">Where things are.</param>
    /// <param name="sandbox">What runs them.</param>
    /// <param name="all">Different prefixes, a hundredth more than <paramref name="count"/> at least.</param>
    /// <param name="count">How many of them are the network's.</param>
    public OneNetwork(Paths paths, Sandbox sandbox, Net[] all, int count)
    {
        (_paths, _sandbox, Count) = (paths, sandbox, count);
        Nets = all[..count];

        // Every hundredth is replaced by one that was in no file yet.
        _changed = all[..count];
        for (int i = 0; i < count; i += 100)
        {
            _changed[i] = all[count + (i / 100)];
        }

        // What nft and isolation-netlinkd must have in the kernel afterwards, computed another way than either does.
        _ranges = Net.Merge(Nets);
        _merged = Net.CountPrefixes(_ranges);
        _changedMerged = Net.CountPrefixes(Net.Merge(_changed));

        ApplyAgain = new Row("`apply` again, nothing to do");
        IpsetRestore = new Row("`ipset restore`", Apply) { Entries = count };
        Nft = new Row("`nft -f`, `auto-merge`", Apply) { Entries = _ranges.Count };
        NftMerged = new Row("`nft -f`, ranges merged and sorted beforehand", Apply) { Entries = _ranges.Count };
        Plan = new Row("`plan` of the same", ApplyAgain) { Entries = _merged };
        Change = new Row("`apply` after a change of 1 %", ApplyAgain) { Entries = _changedMerged };
        OurSave = new Row("`isolation-netlinkd ipset save`") { Entries = _merged };
        IpsetSave = new Row("`ipset save`", OurSave) { Entries = _merged };
        Apply.Entries = ApplyAgain.Entries = Show.Entries = _merged;
        Remove.Entries = _changedMerged;
        Floor.Entries = count;
        IpsetRestore.LeftOut = IpsetSave.LeftOut = Sandbox.Exists("ipset") ? null : "ipset is not installed";
        Nft.LeftOut = NftMerged.LeftOut = Sandbox.Exists("nft") ? null : "nft is not installed";
    }

    public int Count { get; }

    public Net[] Nets { get; }

    public Row Apply { get; } = new("`apply`");

    public Row IpsetRestore { get; }

    public Row Nft { get; }

    public Row NftMerged { get; }

    public Row ApplyAgain { get; }

    public Row Plan { get; }

    public Row Change { get; }

    public Row Show { get; } = new("`show`");

    public Row Remove { get; } = new("`remove`");

    public Row OurSave { get; }

    public Row IpsetSave { get; }

    /// <summary>Sending the prefixes in C, in the order of the file, to a table that is large enough.</summary>
    public Row Floor { get; } = new("floor, file order");

    public void WriteFiles()
    {
        File.WriteAllLines(_paths.File("prefixes"), Nets.Select(net => net.ToString()));
        File.WriteAllLines(_paths.File("changed"), _changed.Select(net => net.ToString()));
        File.WriteAllText(_paths.File("policy.yaml"), "version: 1\nnetworks:\n  big: {subnets-file: prefixes}\n");
        File.WriteAllText(_paths.File("changed.yaml"), "version: 1\nnetworks:\n  big: {subnets-file: changed}\n");

        // No hashsize: the table grows from ipset's default.
        File.WriteAllLines(
            _paths.File("ipset"), Nets.Select(net => $"add big {net}").Prepend($"create big hash:net maxelem {2 * Count}"));
        WriteNft("nft", "flags interval; auto-merge", Nets.Select(net => net.ToString()));
        WriteNft("nft-merged", "flags interval", _ranges.Select(range => $"{Net.Dotted(range.First)}-{Net.Dotted(range.Last)}"));
    }

    /// <summary>One run of what is compared at every size.</summary>
    public void Load()
    {
        Sandbox.Enter();
        _sandbox.Measure(Apply, $"'{_paths.Isolation}' apply '{_paths.File("policy.yaml")}'");
        ExpectNetwork(_merged);

        if (IpsetRestore.LeftOut is null)
        {
            Sandbox.Enter();
            _sandbox.Measure(IpsetRestore, $"ipset restore <'{_paths.File("ipset")}'", Patience);
            using var client = IpsetClient.Open();
            Expect("ipset restore", IpsetRestore.LeftOut is null ? Count : null, client.GetInfo("big")?.Elements ?? 0);
        }

        if (Nft.LeftOut is null)
        {
            Sandbox.Enter();
            _sandbox.Measure(Nft, $"nft -f '{_paths.File("nft")}'", Patience);
            CheckNft();
        }

        Sandbox.Enter();
        LibraryAndFloor.RunFloor(_paths, _sandbox, this, Floor, null);
    }

    /// <summary>One run of nft where everything is done for it that can be done before.</summary>
    public void LoadMergedByNft()
    {
        if (NftMerged.LeftOut is null)
        {
            Sandbox.Enter();
            _sandbox.Measure(NftMerged, $"nft -f '{_paths.File("nft-merged")}'", Patience);
        }
    }

    /// <summary>One run of everything that can follow an `apply`.</summary>
    public void Live()
    {
        Sandbox.Enter();
        _sandbox.Run($"'{_paths.Isolation}' apply '{_paths.File("policy.yaml")}'");
        _sandbox.Measure(ApplyAgain, $"'{_paths.Isolation}' apply '{_paths.File("policy.yaml")}'");
        _sandbox.Measure(Plan, $"'{_paths.Isolation}' plan '{_paths.File("policy.yaml")}'");
        _sandbox.Measure(Show, $"'{_paths.Isolation}' show");
        _sandbox.Measure(OurSave, $"'{_paths.Isolation}' ipset save");
        ExpectSaved("isolation-netlinkd ipset save");
        if (IpsetSave.LeftOut is null)
        {
            _sandbox.Measure(IpsetSave, "ipset save");
            ExpectSaved("ipset save");
        }

        ExpectNetwork(_merged);
        _sandbox.Measure(Change, $"'{_paths.Isolation}' apply '{_paths.File("changed.yaml")}'");
        ExpectNetwork(_changedMerged);
        _sandbox.Run($"'{_paths.Isolation}' plan '{_paths.File("changed.yaml")}'"); // exit status 3, were anything left to do
        _sandbox.Measure(Remove, $"'{_paths.Isolation}' remove");
        using var client = IpsetClient.Open();
        Expect("remove", 0, client.List().Count);
    }

    internal static void Expect(string command, long? expected, long found)
    {
        if (expected is not null && expected != found)
        {
            throw new InvalidOperationException($"{command}: {expected} entries were expected, {found} are there");
        }
    }

    private void WriteNft(string name, string flags, IEnumerable<string> elements)
    {
        using StreamWriter file = File.CreateText(_paths.File(name));
        file.Write($"table inet scale {{\nset big {{\ntype ipv4_addr; {flags}\nelements = {{\n");
        file.Write(string.Join(",\n", elements));
        file.Write("\n}\n}\n}\n");
    }

    private static void ExpectNetwork(int expected)
    {
        using var client = IpsetClient.Open();
        long found = client.List().Where(set => set.Name.StartsWith("dcos-net-", StringComparison.Ordinal)).Sum(set => set.Elements);
        Expect("apply", expected, found);
    }

    private void ExpectSaved(string command) =>
        Expect(
            command,
            _merged,
            File.ReadLines(_sandbox.Output).LongCount(line => line.StartsWith("add dcos-net-", StringComparison.Ordinal)));

    /// <summary>Counts what nft has made of the prefixes; once, and not of a million: the kernel takes a minute to list them.</summary>
    private void CheckNft()
    {
        if (!_nftChecked && Nft.LeftOut is null && Count <= 100_000)
        {
            _sandbox.Run("nft list set inet scale big");
            long found = File.ReadLines(_sandbox.Output)
                .SkipWhile(line => !line.Contains("elements", StringComparison.Ordinal))
                .Sum(line => line.Split('=')[^1].Split(',').LongCount(element => element.Any(char.IsDigit)));
            Expect("nft -f", _ranges.Count, found);
            _nftChecked = true;
        }
    }
}

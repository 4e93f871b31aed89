using System.Text;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Scale;

/// <summary>1,000 networks of 100 subnets each, and 500 allows between them.</summary>
internal sealed class ManyNetworks
{
    public const int Networks = 1000;
    public const int Subnets = 100;
    public const int Allows = 500;

    private static readonly string[] s_peers = ["ipset", "iptables-legacy-restore", "ip6tables-legacy-restore"];

    private readonly Paths _paths;
    private readonly Sandbox _sandbox;

    public ManyNetworks(Paths paths, Sandbox sandbox)
    {
        (_paths, _sandbox) = (paths, sandbox);
        Again = new Row("`apply` again, nothing to do", Apply);
        Restore = new Row("the same by `ipset restore`, `iptables-legacy-restore`, `ip6tables-legacy-restore`", Apply)
        {
            LeftOut = s_peers.FirstOrDefault(program => !Sandbox.Exists(program)) is { } missing ? $"{missing} is not installed" : null,
        };
    }

    public Row Apply { get; } = new("`apply`");

    public Row Again { get; }

    public Row Restore { get; }

    public void WriteFiles()
    {
        var policy = new StringBuilder("version: 1\nnetworks:\n");
        for (uint network = 0; network < Networks; network++)
        {
            // /24 to /28 from 10.0.0.0 on, with gaps, so that nothing merges.
            IEnumerable<Net> nets = Enumerable.Range(0, Subnets).Select(i =>
                new Net((10u << 24) + (((network * Subnets) + (uint)i) << 9), (byte)(24 + (i % 5))));
            policy.Append($"  n{network}: {{subnets: [{string.Join(", ", nets)}]}}\n");
        }

        // Every fifth allows everything, the others one or two ports.
        policy.Append("allow:\n");
        for (int allow = 0; allow < Allows; allow++)
        {
            string ports = (allow % 5) switch { 0 => "", 1 => ", ports: [80/tcp, 443/tcp]", _ => $", ports: [{1024 + allow}/tcp]" };
            policy.Append($"  - {{from: n{2 * allow}, to: n{(2 * allow) + 1}{ports}}}\n");
        }

        File.WriteAllText(_paths.File("many.yaml"), policy.ToString());
    }

    public void Run()
    {
        string apply = $"'{_paths.Isolation}' apply '{_paths.File("many.yaml")}'";
        Sandbox.Enter();
        _sandbox.Measure(Apply, apply);
        (int sets, long entries) = InForce();
        Apply.Entries = Again.Entries = Restore.Entries = (int)entries;
        _sandbox.Measure(Again, apply);
        if (Restore.LeftOut is not null)
        {
            return;
        }

        string ipset = _paths.File("many.ipset"), rules = _paths.File("many.rules"), rules6 = _paths.File("many.rules6");
        _sandbox.Run($"ipset save >'{ipset}'; iptables-legacy-save >'{rules}'; ip6tables-legacy-save >'{rules6}'");
        Sandbox.Enter();
        _sandbox.Measure(
            Restore, $"/bin/sh -c 'ipset restore <{ipset} && iptables-legacy-restore <{rules} && ip6tables-legacy-restore <{rules6}'");
        (int theirSets, long theirEntries) = InForce();
        OneNetwork.Expect("ipset restore (sets)", sets, theirSets);
        OneNetwork.Expect("ipset restore", entries, theirEntries);
    }

    /// <summary>All sets and the prefixes of all networks.</summary>
    private static (int Sets, long Entries) InForce()
    {
        using var client = IpsetClient.Open();
        IReadOnlyList<IpsetInfo> sets = client.List();
        long entries = sets.Where(set => set.Name.StartsWith("dcos-net-", StringComparison.Ordinal)).Sum(set => set.Elements);
        OneNetwork.Expect("apply", Networks * Subnets, entries);
        return (sets.Count, entries);
    }
}

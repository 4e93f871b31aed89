using System.Collections.Immutable;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>
/// Brings the kernel from one policy to another as <c>apply</c> does, and in two ways in which nobody should. To be used in the node's
/// namespace, by one thread.
/// </summary>
internal sealed class Flipper : IDisposable
{
    private static readonly ImmutableHashSet<Family> s_families = [Family.Inet, Family.Inet6];

    private readonly KernelDataplane _dataplane = KernelDataplane.Open(NullLogger.Instance);
    private readonly IpsetClient _ipset = IpsetClient.Open();
    private readonly string _lockFile;
    private readonly IDictionary<string, int> _taken;

    /// <param name="lockFile">The xtables lock.</param>
    /// <param name="taken">Where it is counted how often each of the planner's paths was taken.</param>
    public Flipper(string lockFile, IDictionary<string, int> taken) => (_lockFile, _taken) = (lockFile, taken);

    public DesiredState Compile(IsolationPolicy policy) =>
        PolicyCompiler.Compile(policy, PolicyDigest.Compute(policy), _dataplane.Abilities);

    /// <summary>The way of <c>apply</c>: under the lock, read, plan, carry out.</summary>
    public void Apply(DesiredState desired)
    {
        using XtablesLock heldLock = XtablesLock.Acquire(TimeSpan.FromSeconds(60), _lockFile);
        Plan plan = Planner.Plan(desired, _dataplane.Read(s_families));
        Assert.Empty(_dataplane.Apply(plan, heldLock, TimeProvider.System.GetUtcNow()));
        string path = PathOf(plan);
        _taken[path] = (_taken.TryGetValue(path, out int count) ? count : 0) + 1;
    }

    /// <summary>Flushes each set that differs, and fills it again.</summary>
    public void FlushAndRefill(DesiredState desired)
    {
        foreach ((SetSpec set, string name) in Different(desired))
        {
            _ipset.Flush(name);
            PolicyEntries.AddAll(_ipset, set with { Name = name });
        }
    }

    /// <summary>Builds each set that differs beside the one in force, and swaps the two: atomic set by set, not for all.</summary>
    public void SwapSetBySet(DesiredState desired)
    {
        const string Other = "other";
        var made = new List<string>();
        foreach ((SetSpec set, string name) in Different(desired))
        {
            made.Add(Other + made.Count);
            var options = IpsetCreateOptions.ForCount(set.Count);
            _ipset.Create(made[^1], PolicyEntries.TypeOf(set), PolicyEntries.ToNetfilter(set.Family), options);
            PolicyEntries.AddAll(_ipset, set with { Name = made[^1] });
        }

        foreach ((string other, (_, string name)) in made.Zip(Different(desired)))
        {
            _ipset.Swap(other, name);
            // Less than a script takes to start the ipset program again.
            Thread.Sleep(1);
        }

        made.ForEach(other => _ipset.Destroy(other));
    }

    public void Dispose()
    {
        _dataplane.Dispose();
        _ipset.Dispose();
    }

    private static string PathOf(Plan plan) =>
        plan.IsEmpty ? "nothing to do" : plan.Paths.IsEmpty ? "rules only" : string.Join(", ", plan.Paths.Select(family => family.Path).Distinct().Order());

    /// <summary>The sets of a policy that differ from those in force, and what they are called there.</summary>
    private List<(SetSpec Set, string Name)> Different(DesiredState desired)
    {
        Dictionary<string, LiveSet> live = _dataplane.Read(s_families).Sets.ToDictionary(set => KernelNames.LogicalOf(set.Name));
        return
        [
            .. desired.Families.SelectMany(family => family.Sets)
                .Where(set => set is not ListSet && live[set.Name].Content?.HasSameEntries(set) != true)
                .Select(set => (set, live[set.Name].Name)),
        ];
    }
}

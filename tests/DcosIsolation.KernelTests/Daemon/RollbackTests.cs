using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.KernelTests.Xtables;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>An apply that fails half-way leaves what was in force, byte for byte.</summary>
public sealed class RollbackTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly string _lockPath = Path.Combine(Path.GetTempPath(), $"xtables-{Guid.NewGuid():n}.lock");

    public void Dispose() => File.Delete(_lockPath);

    [SkippableFact]
    public void When_the_second_family_fails_the_first_goes_back() => AssertRollsBack(tamper: "");

    [SkippableFact]
    public void Also_beside_rules_of_someone_else_in_the_chain_and_jumps_at_odd_places() => AssertRollsBack(
        """
        iptables-legacy -I dcos-isolation 2 -p tcp -m tcp --dport 22 -m limit --limit 3/sec -j ACCEPT
        iptables-legacy -I FORWARD -i lo -j ACCEPT
        iptables-legacy -A FORWARD -i eth9 -j dcos-isolation
        """);

    // The list that only the jump asked is a leftover then, and leftovers go first.
    [SkippableFact]
    public void Also_without_any_jump() => AssertRollsBack("iptables-legacy -D FORWARD 1", Rules);

    [SkippableFact]
    public void When_nothing_was_in_force_nothing_is_left() => NewNamespace.Run(() =>
    {
        using XtablesLock held = XtablesLock.Acquire(TimeSpan.FromSeconds(5), _lockPath);
        using KernelDataplane dataplane = KernelDataplane.Open(NullLogger.Instance);
        string before = State();
        Assert.Throws<InvalidOperationException>(() => dataplane.Apply(Broken(Dataplanes.PlanFor(dataplane, Policies.HrIt)), held, s_now));
        Assert.Equal(before, State());
    });

    [SkippableFact]
    public void A_leftover_that_cannot_go_is_named_before_anything_is_made() => NewNamespace.Run(() =>
    {
        using XtablesLock held = XtablesLock.Acquire(TimeSpan.FromSeconds(5), _lockPath);
        using KernelDataplane dataplane = KernelDataplane.Open(NullLogger.Instance);
        Iptables.Run("ipset", "create dcos-net-hr hash:net");
        Iptables.Run("ipset", "create dcos-net-hr+ hash:net");
        Iptables.Run("ipset", "create dcos-net-hr= hash:net");
        Plan plan = Dataplanes.PlanFor(dataplane, Policies.HrIt);
        Iptables.Call(NetfilterFamily.Inet, "-A INPUT -m set --match-set dcos-net-hr src -j ACCEPT");

        var refused = Assert.Throws<InvalidOperationException>(() => dataplane.Apply(plan, held, s_now));

        Assert.Contains("cannot destroy the set dcos-net-hr: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal("create dcos-net-hr ", Iptables.Run("ipset", "save")[..19]);
        Assert.Single(Iptables.Run("ipset", "list -n").Split('\n', StringSplitOptions.RemoveEmptyEntries));
    });

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_changed_in_place_goes_back(bool grows) => NewNamespace.Run(() =>
    {
        using XtablesLock held = XtablesLock.Acquire(TimeSpan.FromSeconds(5), _lockPath);
        using KernelDataplane dataplane = KernelDataplane.Open(NullLogger.Instance);
        dataplane.Apply(Dataplanes.PlanFor(dataplane, Large(0)), held, s_now);
        string before = State();
        Plan plan = Dataplanes.PlanFor(dataplane, Large(100));
        Assert.Equal(SwitchPath.InPlace, Assert.Single(plan.Paths).Path);
        Assert.Equal((100, 100), (plan.EntriesInPlace(added: true), plan.EntriesInPlace(added: false)));

        // Behind all that can be done stands what cannot.
        EditPhase impossible = new([new SetEdit(true, new NetSet("dcos-net-missing", Family.Inet, [new Prefix(Family.Inet, 1, 1)]))]);
        Plan broken = grows ? plan with { Grow = plan.Grow.Add(impossible) } : plan with { Shrink = plan.Shrink.Add(impossible) };
        Assert.ThrowsAny<NetlinkException>(() => dataplane.Apply(broken, held, s_now.AddDays(1)));
        Assert.Equal(before, State());

        dataplane.Apply(Dataplanes.PlanFor(dataplane, Large(100)), held, s_now);
        Assert.True(Dataplanes.PlanFor(dataplane, Large(100)).IsEmpty);
    });

    // Every other /24, so that none can be merged.
    private static string Large(int first) =>
        "version: 1\nnetworks:\n  a: {subnets: ["
        + string.Join(", ", Enumerable.Range(first, 5000).Select(i => $"10.{i >> 7}.{(i << 1) & 255}.0/24"))
        + "]}\n";

    private void AssertRollsBack(string tamper, Func<string>? state = null) => NewNamespace.Run(() =>
    {
        state ??= State;
        using XtablesLock held = XtablesLock.Acquire(TimeSpan.FromSeconds(5), _lockPath);
        using KernelDataplane dataplane = KernelDataplane.Open(NullLogger.Instance);
        dataplane.Apply(Dataplanes.PlanFor(dataplane, Policies.HrIt), held, s_now);
        foreach (string line in tamper.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ', 2);
            Iptables.Run(words[0], words[1]);
        }

        string before = state();
        Assert.Throws<InvalidOperationException>(
            () => dataplane.Apply(Broken(Dataplanes.PlanFor(dataplane, Policies.HrItMore)), held, s_now.AddDays(1)));
        Assert.Equal(before, state());

        dataplane.Apply(Dataplanes.PlanFor(dataplane, Policies.HrItMore), held, s_now);
        Assert.True(Dataplanes.PlanFor(dataplane, Policies.HrItMore).IsEmpty);
    });

    /// <summary>The same plan, whose second family asks a set that does not exist: that is found out when the first is in force.</summary>
    private static Plan Broken(Plan plan)
    {
        Assert.Equal(2, plan.Tables.Length);
        TablePlan second = plan.Tables[1];
        var impossible = new PlannedRule(
            new Rule { Sets = [new("dcos-net-missing", Policy.SetDirections.Source)], Target = RuleTarget.Return }, 0, 0);
        return plan with { Tables = [plan.Tables[0], second with { Chain = second.Chain.Add(impossible) }] };
    }

    /// <summary>Every rule with its counters, and every set, as the reference programs print them.</summary>
    private static string State() => Rules() + Iptables.Run("ipset", "save -sorted");

    private static string Rules()
    {
        string rules = string.Concat(new[] { NetfilterFamily.Inet, NetfilterFamily.Inet6 }.Select(Iptables.Save));
        return string.Join('\n', rules.Split('\n').Where(line => !line.StartsWith('#')));
    }
}

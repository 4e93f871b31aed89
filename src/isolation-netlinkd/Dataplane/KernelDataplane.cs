using System.Collections.Immutable;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>
/// Joins the policy and the kernel, over ipset and xtables: reads what is in force, and carries out a plan as one switch. The only impure part
/// of an apply. Bound to the network namespace in which it was opened; not thread-safe.
/// </summary>
internal sealed class KernelDataplane : IDisposable
{
    private const int ReadAttempts = 5;

    private readonly IpsetClient _ipset;
    private readonly ILogger _logger;
    private readonly ProgressLine? _progress;

    private KernelDataplane(IpsetClient ipset, ILogger logger, ProgressLine? progress)
    {
        _ipset = ipset;
        _logger = logger;
        _progress = progress;
        ipset.Progress = progress is null ? null : progress.Loading;
        Abilities = new KernelAbilities(Has(IpsetType.HashNetNet), Has(IpsetType.HashNetPortNet), Has(IpsetType.ListSet));
    }

    /// <summary>What the kernel can do, asked once.</summary>
    public KernelAbilities Abilities { get; }

    /// <summary>How long a set that somebody's dump pins is tried to be destroyed; little for whoever comes back to it.</summary>
    public TimeSpan DestroyPatience { get; set; } = TimeSpan.FromSeconds(3);

    /// <param name="logger">Gets details.</param>
    /// <param name="progress">Shows how far long work is; null where nobody looks.</param>
    /// <exception cref="NetlinkException">The kernel has no ipset, or the process may not use it.</exception>
    public static KernelDataplane Open(ILogger logger, ProgressLine? progress = null)
    {
        IpsetClient ipset = IpsetClient.Open(logger);
        try
        {
            return new KernelDataplane(ipset, logger, progress);
        }
        catch
        {
            ipset.Dispose();
            throw;
        }
    }

    /// <summary>Compiles a policy for this kernel; rules in text become what will be found in the kernel.</summary>
    /// <exception cref="InvalidRulesException">iptables' extensions do not take a rule.</exception>
    /// <exception cref="NotSupportedException">There are rules in text, and no libxtables that is understood.</exception>
    /// <exception cref="PolicyCompilationException">The policy cannot be told to the kernel.</exception>
    /// <exception cref="XtablesException">A table cannot be read.</exception>
    public DesiredState Compile(IsolationPolicy policy)
    {
        DesiredState desired = PolicyCompiler.Compile(policy, policyDigest: "", Abilities);
        if (!policy.Rules.Any)
        {
            return desired;
        }

        if (XtablesRuleText.WhyUnavailable is { } why)
        {
            throw new NotSupportedException($"the policy has 'rules', which cannot be told to the kernel here: {why}; nothing was changed");
        }

        var failures = new RuleFailures(policy);
        desired = desired with { Families = [.. desired.Families.Select(family => Canonical(family, failures))] };
        return failures.Any ? throw new InvalidRulesException([.. failures.Diagnostics()]) : desired;
    }

    private static FamilyState Canonical(FamilyState family, RuleFailures failures)
    {
        using XtablesTable table = XtablesTable.Open(PolicyEntries.ToNetfilter(family.Family), TableReader.Table);
        var texts = new RuleTexts(family.Family, table);
        var chain = ImmutableArray.CreateBuilder<Rule>(family.Chain.Length);
        foreach (Rule rule in family.Chain)
        {
            if (rule.Text is null)
            {
                chain.Add(rule);
                continue;
            }

            try
            {
                chain.AddRange(texts.Canonical(rule));
            }
            catch (XtablesRuleException e)
            {
                failures.Add(family.Family, rule, texts.Explain(e));
            }
        }

        return family with { Chain = chain.ToImmutable() };
    }

    /// <summary>Reads all that the kernel holds under the project's names.</summary>
    /// <param name="needed">The families that must be readable; of others a kernel without their tables is no error.</param>
    /// <param name="known">What sets hold, as far as it need not be read; null to read all of it.</param>
    /// <param name="without">Sets that are passed over.</param>
    /// <exception cref="NetlinkException">A set cannot be read.</exception>
    /// <exception cref="XtablesException">A table cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The sets change all the time while they are read.</exception>
    public LiveState Read(IReadOnlySet<Family> needed, KnownSets? known = null, ImmutableArray<string> without = default)
    {
        // A dump is no snapshot: without the lock, an apply elsewhere can take a set away between its listing and its reading.
        for (int attempt = 0; attempt < ReadAttempts; attempt++)
        {
            if (TryRead(needed, known, without.IsDefault ? [] : without) is { } live)
            {
                return live;
            }
        }

        throw new InvalidOperationException($"the sets changed while they were read, {ReadAttempts} times in a row; try again");
    }

    private LiveState? TryRead(IReadOnlySet<Family> needed, KnownSets? known, ImmutableArray<string> without)
    {
        IReadOnlyList<IpsetInfo> all = _ipset.List();
        List<IpsetInfo> ours = OurSets(all);
        ours.RemoveAll(info => without.Contains(info.Name));
        var sets = ImmutableArray.CreateBuilder<LiveSet>(ours.Count);
        foreach (IpsetInfo info in ours)
        {
            if ((known?.Of(info) is { } content ? SetReader.Live(info, content) : SetReader.TryRead(_ipset, info, _progress is null ? null : _progress.Reading)) is not { } set)
            {
                return null;
            }

            sets.Add(set);
        }

        var tables = new TableReader(new RuleTranslator(IndexesOf(ours)));
        var live = new LiveState(
            sets.DrainToImmutable(),
            [
                tables.Read(Family.Inet, optional: !needed.Contains(Family.Inet)),
                tables.Read(Family.Inet6, optional: !needed.Contains(Family.Inet6)),
            ])
        {
            CanAwaitPackets = RcuGracePeriod.IsSupported,
        };

        // What a rule refers to exists: a listing without it has gaps.
        return tables.SetIndexes.IsSubsetOf(all.Concat(ours).Select(info => info.Index ?? 0)) ? live : null;
    }

    /// <summary>
    /// The project's sets of a listing. While others make so many sets that the kernel's table of them grows, a listing lacks each list:set
    /// (ip_set_dump_do, ip_set_core.c, which leaves them to a second pass); those are asked by name.
    /// </summary>
    private List<IpsetInfo> OurSets(IReadOnlyList<IpsetInfo> all)
    {
        List<IpsetInfo> ours = [.. all.Where(info => KernelNames.IsOurs(info.Name)).DistinctBy(info => info.Name)];
        IEnumerable<string> lists = new[] { Family.Inet, Family.Inet6 }.SelectMany(family => KernelNames.Slots(KernelNames.Overlays(family)));
        ours.AddRange(lists.Except(ours.Select(info => info.Name)).Select(_ipset.GetInfo).OfType<IpsetInfo>());
        return ours;
    }

    /// <summary>
    /// Carries out a plan. Everything new is built beside what is in force; sets in force change in place or by SWAP where the plan says so;
    /// one commit a family switches over; what is then unused is destroyed. An empty plan writes nothing. When anything fails before the
    /// switch is complete, what was done is taken back and what was in force stays.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="heldLock">The xtables lock, held since before the state was read from which it was planned.</param>
    /// <param name="now">The time to note in the kernel.</param>
    /// <returns>What an operator should know although all went well.</returns>
    /// <exception cref="NetlinkException">The kernel refused a set.</exception>
    /// <exception cref="XtablesException">The kernel refused the rules.</exception>
    /// <exception cref="SetPinnedException">A set could not be exchanged: plan without SWAP.</exception>
    public ImmutableArray<string> Apply(Plan plan, XtablesLock heldLock, DateTimeOffset now)
    {
        RequiredExtensions.Check(plan);
        var builder = new SetBuilder(_ipset, _logger);
        var editor = new SetEditor(_ipset, _logger);
        var tables = new TableWriter(_ipset, heldLock, now);
        var remover = new SetRemover(_ipset, _logger, DestroyPatience);
        ImmutableArray<string> leftovers;
        try
        {
            leftovers = Discard(plan, remover);
            foreach (SetSpec set in plan.Create)
            {
                builder.Build(set);
            }

            editor.Run(plan.Shrink);
            foreach (SetSwap swap in plan.Swaps)
            {
                editor.Swap(swap);
            }

            tables.Commit(plan);
            if (!plan.Grow.IsEmpty || !plan.Swaps.IsEmpty)
            {
                // Whoever met what has gone meanwhile must not meet what comes; and older kernels destroy a set under who found it before SWAP.
                RcuGracePeriod.Wait();
            }

            editor.Run(plan.Grow);
        }
        catch (Exception failure)
        {
            if (Undo(builder, editor, tables, remover, plan.Shrink.Length) is { } left)
            {
                throw new InvalidOperationException($"{failure.Message}. Besides, {left}", failure);
            }

            throw;
        }

        return remover.Destroy([.. leftovers, .. plan.Destroy]);
    }

    /// <summary>Tries to destroy sets, while the lock is held, and returns those that are still there.</summary>
    public ImmutableArray<string> TryDestroy(ImmutableArray<string> sets) => new SetRemover(_ipset, _logger, TimeSpan.Zero).TryOnce(sets);

    /// <summary>Those of some sets that exist.</summary>
    /// <exception cref="NetlinkException">The kernel did not answer.</exception>
    public ImmutableArray<string> StillThere(IEnumerable<string> sets) => [.. sets.Where(set => _ipset.GetIndex(set) is not null)];

    /// <inheritdoc/>
    public void Dispose() => _ipset.Dispose();

    private bool Has(IpsetType type) => _ipset.GetRevisions(type, NetfilterFamily.Inet) is not null;

    private static Dictionary<string, ushort> IndexesOf(IReadOnlyList<IpsetInfo> infos) => infos.ToDictionary(
        info => info.Name,
        info => info.Index ?? throw new NotSupportedException("the kernel's ipset protocol does not tell a set's index; Linux 5.0 or newer is needed"));

    /// <summary>Takes back what a failed apply has done. Returns what could not be taken back, or null when nothing is left of it.</summary>
    private static string? Undo(SetBuilder builder, SetEditor editor, TableWriter tables, SetRemover remover, int shrinkPhases)
    {
        try
        {
            editor.UndoPhases(left: shrinkPhases);
            tables.Undo();
            editor.UndoSwaps();
            editor.UndoPhases(left: 0);
            return remover.Destroy(builder.Made).FirstOrDefault();
        }
        catch (Exception e)
        {
            return $"what had been done could not all be taken back ({e.Message}); the next apply cleans up";
        }
    }

    /// <summary>
    /// Destroys leftovers, and returns those that cannot go now: that can wait until the switch is done, unless one's name is needed.
    /// </summary>
    private ImmutableArray<string> Discard(Plan plan, SetRemover remover)
    {
        HashSet<string> needed = [.. plan.Create.Select(set => set.Name)];
        ImmutableArray<string> left = remover.TryOnce(plan.Discard);
        ImmutableArray<string> refusals = left.Any(needed.Contains) ? remover.Destroy(left) : [];
        return plan.Create.FirstOrDefault(set => _ipset.GetIndex(set.Name) is not null) is { } blocked
            ? throw new InvalidOperationException(refusals.FirstOrDefault() ?? $"someone else made a set {blocked.Name} just now; apply again")
            : left;
    }
}

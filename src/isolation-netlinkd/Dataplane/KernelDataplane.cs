using System.Collections.Immutable;
using System.Diagnostics;
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
internal sealed partial class KernelDataplane : IDisposable
{
    private const int ReadAttempts = 5;

    private static readonly TimeSpan s_destroyPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_destroyPause = TimeSpan.FromMilliseconds(20);

    private readonly IpsetClient _ipset;
    private readonly ILogger _logger;

    private KernelDataplane(IpsetClient ipset, ILogger logger)
    {
        _ipset = ipset;
        _logger = logger;
        Abilities = new KernelAbilities(Has(IpsetType.HashNetNet), Has(IpsetType.HashNetPortNet), Has(IpsetType.ListSet));
    }

    /// <summary>What the kernel can do, asked once.</summary>
    public KernelAbilities Abilities { get; }

    /// <exception cref="NetlinkException">The kernel has no ipset, or the process may not use it.</exception>
    public static KernelDataplane Open(ILogger logger)
    {
        IpsetClient ipset = IpsetClient.Open(logger);
        try
        {
            return new KernelDataplane(ipset, logger);
        }
        catch
        {
            ipset.Dispose();
            throw;
        }
    }

    /// <summary>Reads all that the kernel holds under the project's names.</summary>
    /// <param name="needed">The families that must be readable; of others a kernel without their tables is no error.</param>
    /// <exception cref="NetlinkException">A set cannot be read.</exception>
    /// <exception cref="XtablesException">A table cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The sets change all the time while they are read.</exception>
    public LiveState Read(IReadOnlySet<Family> needed)
    {
        // A dump is no snapshot: without the lock, an apply elsewhere can take a set away between its listing and its reading.
        for (int attempt = 0; attempt < ReadAttempts; attempt++)
        {
            if (TryRead(needed) is { } live)
            {
                return live;
            }
        }

        throw new InvalidOperationException($"the sets changed while they were read, {ReadAttempts} times in a row; try again");
    }

    private LiveState? TryRead(IReadOnlySet<Family> needed)
    {
        IReadOnlyList<IpsetInfo> all = _ipset.List();
        List<IpsetInfo> ours = OurSets(all);
        var sets = ImmutableArray.CreateBuilder<LiveSet>(ours.Count);
        foreach (IpsetInfo info in ours)
        {
            if (SetReader.TryRead(_ipset, info) is not { } set)
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
            ]);

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
    /// Carries out a plan. Everything new is built beside what is in force; one commit a family switches over; what is then unused is
    /// destroyed. An empty plan writes nothing. When anything fails before the switch is complete, what was made is taken away again and what was in force stays.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="heldLock">The xtables lock, held since before the state was read from which it was planned.</param>
    /// <param name="now">The time to note in the kernel.</param>
    /// <returns>What an operator should know although all went well.</returns>
    /// <exception cref="NetlinkException">The kernel refused a set.</exception>
    /// <exception cref="XtablesException">The kernel refused the rules.</exception>
    public ImmutableArray<string> Apply(Plan plan, XtablesLock heldLock, DateTimeOffset now)
    {
        RequiredExtensions.Check(plan);
        var made = new Stack<string>();
        var before = new Stack<XtablesSnapshot>();
        ImmutableArray<string> warnings;
        try
        {
            warnings = Discard(plan);
            foreach (SetSpec set in plan.Create)
            {
                Create(set, made);
            }

            Dictionary<string, ushort> indexes = AskIndexes(plan);
            var translator = new RuleTranslator(indexes);
            foreach (TablePlan table in plan.Tables)
            {
                before.Push(XtablesTransaction.TakeSnapshot(
                    PolicyEntries.ToNetfilter(table.Family), heldLock, KernelNames.Chain, TableReader.Parent));
                Commit(table, heldLock, translator, now);
            }

            CheckIndexes(indexes);
        }
        catch (Exception failure)
        {
            if (Undo(before, made, heldLock) is { } left)
            {
                throw new InvalidOperationException($"{failure.Message}. Besides, {left}", failure);
            }

            throw;
        }

        return [.. warnings, .. DestroyAll(plan.Destroy)];
    }

    /// <inheritdoc/>
    public void Dispose() => _ipset.Dispose();

    private bool Has(IpsetType type) => _ipset.GetRevisions(type, NetfilterFamily.Inet) is not null;

    private static Dictionary<string, ushort> IndexesOf(IReadOnlyList<IpsetInfo> infos) => infos.ToDictionary(
        info => info.Name,
        info => info.Index ?? throw new NotSupportedException("the kernel's ipset protocol does not tell a set's index; Linux 5.0 or newer is needed"));

    private void Create(SetSpec set, Stack<string> made)
    {
        IpsetType type = PolicyEntries.TypeOf(set);
        bool isList = type == IpsetType.ListSet;
        IpsetCreateOptions options = isList
            ? new IpsetCreateOptions { ListSize = (uint)Math.Max(set.Count, 1), Comments = true }
            : IpsetCreateOptions.ForCount(set.Count) with { Revision = RevisionWithSeed(type, set) };
        try
        {
            _ipset.Create(set.Name, type, isList ? NetfilterFamily.Unspecified : PolicyEntries.ToNetfilter(set.Family), options);
            made.Push(set.Name);
        }
        catch (NetlinkReplyLostException)
        {
            // It may be there or not; a name that was taken before would have been an answer.
            made.Push(set.Name);
            throw;
        }

        PolicyEntries.AddAll(_ipset, set);
        LogMade(set.Name, set.TypeName, set.Count);
    }

    // A large set is filled in the order of its buckets, for which the kernel must tell the seed of its hash.
    private byte? RevisionWithSeed(IpsetType type, SetSpec set) =>
        set.Count >= IpsetClient.FillInOrder && type.FirstRevision(IpsetFeature.InitVal) is { } revision
        && _ipset.GetRevisions(type, PolicyEntries.ToNetfilter(set.Family)) is { } kernel && kernel.Maximum >= revision
            ? revision
            : null;

    private static void Commit(TablePlan table, XtablesLock heldLock, RuleTranslator translator, DateTimeOffset now)
    {
        NetfilterFamily family = PolicyEntries.ToNetfilter(table.Family);
        if (table.Jump is null)
        {
            XtablesTransaction.RemoveChain(family, heldLock, KernelNames.Chain, TableReader.Parent);
            return;
        }

        XtablesTransaction.ReplaceChain(
            family,
            heldLock,
            KernelNames.Chain,
            TableReader.Parent,
            translator.ToXtables(table.Jump, now),
            [.. table.Chain.Select(rule => new CountedRule(translator.ToXtables(rule.Rule, now), new XtablesCounters(rule.Packets, rule.Bytes)))]);
    }

    /// <summary>The indexes of the sets that the plan's rules refer to, asked one by one: that is exact where a listing may have gaps.</summary>
    private Dictionary<string, ushort> AskIndexes(Plan plan) => plan.Tables
        .SelectMany(table => table.Chain.Select(rule => rule.Rule).Append(table.Jump).OfType<Rule>())
        .SelectMany(rule => rule.Sets)
        .Select(match => match.Set)
        .Distinct()
        .ToDictionary(set => set, set => _ipset.GetIndex(set) ?? throw new InvalidOperationException($"there is no set {set}, which a rule needs"));

    /// <summary>
    /// A rule holds a set's index, and the index stays with the name only once a rule refers to it: had someone destroyed and made sets between
    /// the question and the commit, the rules would ask another set.
    /// </summary>
    private void CheckIndexes(Dictionary<string, ushort> used)
    {
        foreach ((string set, ushort index) in used)
        {
            if (_ipset.GetIndex(set) != index)
            {
                throw new InvalidOperationException($"the set {set} was replaced by someone else while the rules were put in force; apply again");
            }
        }
    }

    /// <summary>Takes back what a failed apply has done. Returns what could not be taken back, or null when nothing is left of it.</summary>
    private string? Undo(Stack<XtablesSnapshot> before, Stack<string> made, XtablesLock heldLock)
    {
        try
        {
            foreach (XtablesSnapshot snapshot in before)
            {
                XtablesTransaction.Restore(snapshot, heldLock);
            }

            return DestroyAll([.. made]).FirstOrDefault();
        }
        catch (Exception e)
        {
            return $"what had been done could not all be taken back ({e.Message}); the next apply cleans up";
        }
    }

    /// <summary>Destroys leftovers. Where one's name is needed and it cannot go, there is no point in going on.</summary>
    private ImmutableArray<string> Discard(Plan plan)
    {
        ImmutableArray<string> warnings = DestroyAll(plan.Discard);
        return plan.Create.FirstOrDefault(set => _ipset.GetIndex(set.Name) is not null) is { } blocked
            ? throw new InvalidOperationException(warnings.FirstOrDefault() ?? $"someone else made a set {blocked.Name} just now; apply again")
            : warnings;
    }

    private ImmutableArray<string> DestroyAll(ImmutableArray<string> sets)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        long deadline = Stopwatch.GetTimestamp() + (long)(s_destroyPatience.TotalSeconds * Stopwatch.Frequency);
        foreach (string set in sets)
        {
            if (TryDestroy(set, deadline) is { } reason)
            {
                warnings.Add($"{reason}; the next apply tries again");
            }
        }

        return warnings.ToImmutable();
    }

    /// <summary>Destroys a set; a dump of it, anyone's, pins it for as long as it is read. Returns why it could not be, or null.</summary>
    private string? TryDestroy(string set, long deadline)
    {
        while (true)
        {
            try
            {
                // A set that is gone is what is wanted, also when it is the answer to a first try that was lost.
                _ipset.Destroy(set, ignoreMissing: true);
                LogDestroyed(set);
                return null;
            }
            catch (NetlinkException e) when (Stopwatch.GetTimestamp() < deadline && (e.CanRetry || e is IpsetException { Error: IpsetError.Referenced }))
            {
                Thread.Sleep(s_destroyPause);
            }
            catch (NetlinkException e)
            {
                return e.Message;
            }
        }
    }

    [LoggerMessage(EventId = 2, Level = LogLevel.Debug, Message = "made {Set} ({Type}) with {Count} entries")]
    private partial void LogMade(string set, string type, int count);

    [LoggerMessage(EventId = 3, Level = LogLevel.Debug, Message = "destroyed {Set}")]
    private partial void LogDestroyed(string set);
}

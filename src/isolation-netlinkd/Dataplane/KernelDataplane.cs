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
    public LiveState Read(IReadOnlySet<Family> needed)
    {
        IReadOnlyList<IpsetInfo> infos = _ipset.List();
        var translator = new RuleTranslator(IndexesOf(infos));
        return new LiveState(
            [.. infos.Where(info => KernelNames.IsOurs(info.Name)).Select(info => SetReader.Read(_ipset, info))],
            [
                TableReader.Read(Family.Inet, translator, optional: !needed.Contains(Family.Inet)),
                TableReader.Read(Family.Inet6, translator, optional: !needed.Contains(Family.Inet6)),
            ]);
    }

    /// <summary>
    /// Carries out a plan. Everything new is built beside what is in force; one commit a family switches over; what is then unused is
    /// destroyed. When anything fails before the switch is complete, what was made is taken away again and what was in force stays.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="live">The state from which it was planned, read under the same lock.</param>
    /// <param name="heldLock">The xtables lock, held since before <paramref name="live"/> was read.</param>
    /// <param name="now">The time to note in the kernel.</param>
    /// <returns>What an operator should know although all went well.</returns>
    /// <exception cref="NetlinkException">The kernel refused a set.</exception>
    /// <exception cref="XtablesException">The kernel refused the rules.</exception>
    public ImmutableArray<string> Apply(Plan plan, LiveState live, XtablesLock heldLock, DateTimeOffset now)
    {
        RequiredExtensions.Check(plan);
        DestroyAll(plan.Discard, "leftover");
        var made = new Stack<string>();
        var switched = new Stack<Family>();
        try
        {
            foreach (SetSpec set in plan.Create)
            {
                Create(set, made);
            }

            IReadOnlyDictionary<string, ushort> indexes = IndexesOf(_ipset.List());
            foreach (TablePlan table in plan.Tables)
            {
                Commit(table, heldLock, new RuleTranslator(indexes), now);
                switched.Push(table.Family);
            }

            CheckIndexes(indexes, plan);
        }
        catch (Exception failure) when (Undo(switched, made, live, heldLock) is { } left)
        {
            throw new InvalidOperationException($"{failure.Message}. Besides, {left}", failure);
        }

        return DestroyAll(plan.Destroy, "old");
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
            : IpsetCreateOptions.ForCount(set.Count);
        _ipset.Create(set.Name, type, isList ? NetfilterFamily.Unspecified : PolicyEntries.ToNetfilter(set.Family), options);
        made.Push(set.Name);
        PolicyEntries.AddAll(_ipset, set);
        LogMade(set.Name, set.TypeName, set.Count);
    }

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

    /// <summary>
    /// A rule holds a set's index, and the index stays with the name only once a rule refers to it: had someone destroyed and made sets between
    /// the question and the commit, the rules would ask another set.
    /// </summary>
    private void CheckIndexes(IReadOnlyDictionary<string, ushort> used, Plan plan)
    {
        Dictionary<string, ushort> now = IndexesOf(_ipset.List());
        foreach (string set in plan.Tables.SelectMany(table => table.Chain.Select(rule => rule.Rule).Append(table.Jump).OfType<Rule>())
            .SelectMany(rule => rule.Sets).Select(match => match.Set).Distinct())
        {
            if (!now.TryGetValue(set, out ushort index) || index != used[set])
            {
                throw new InvalidOperationException($"the set {set} was replaced by someone else while the rules were put in force; apply again");
            }
        }
    }

    /// <summary>Takes back what a failed apply has done. Returns what could not be taken back, or null when nothing is left of it.</summary>
    private string? Undo(Stack<Family> switched, Stack<string> made, LiveState live, XtablesLock heldLock)
    {
        try
        {
            var translator = new RuleTranslator(IndexesOf(_ipset.List()));
            bool restored = true;
            foreach (Family family in switched)
            {
                restored &= Restore(live.Families.Single(item => item.Family == family), translator, heldLock);
            }

            return restored
                ? DestroyAll([.. made], "unused").FirstOrDefault()
                : "the chain that was in force had rules of someone else and could not be put back: the new policy stays in force";
        }
        catch (Exception e) when (e is NetlinkException or XtablesException or InvalidOperationException)
        {
            return $"what had been done could not all be taken back ({e.Message}); the next apply cleans up";
        }
    }

    private static bool Restore(LiveFamily before, RuleTranslator translator, XtablesLock heldLock)
    {
        NetfilterFamily family = PolicyEntries.ToNetfilter(before.Family);
        Rule? jump = before.Jumps.IsEmpty ? null : before.Jumps[0].Rule.Rule;
        if (!before.IsPresent)
        {
            XtablesTransaction.RemoveChain(family, heldLock, KernelNames.Chain, TableReader.Parent);
        }
        else if (jump is not null && before.Chain.All(rule => rule.Rule is not null))
        {
            DateTimeOffset time = before.AppliedAt ?? default;
            XtablesTransaction.ReplaceChain(
                family,
                heldLock,
                KernelNames.Chain,
                TableReader.Parent,
                translator.ToXtables(jump, time),
                [.. before.Chain.Select(rule => new CountedRule(translator.ToXtables(rule.Rule!, time), new XtablesCounters(rule.Packets, rule.Bytes)))]);
        }
        else
        {
            return false;
        }

        return true;
    }

    private ImmutableArray<string> DestroyAll(ImmutableArray<string> sets, string kind)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        long deadline = Stopwatch.GetTimestamp() + (long)(s_destroyPatience.TotalSeconds * Stopwatch.Frequency);
        foreach (string set in sets)
        {
            if (TryDestroy(set, deadline) is { } reason)
            {
                warnings.Add($"the {kind} set {set} could not be destroyed ({reason}); the next apply tries again");
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
                _ipset.Destroy(set);
                LogDestroyed(set);
                return null;
            }
            catch (IpsetException e) when (e.Errno == Errno.NoEntry)
            {
                return null;
            }
            catch (IpsetException e) when (e.CanRetry || e.Error == IpsetError.Referenced)
            {
                if (Stopwatch.GetTimestamp() >= deadline)
                {
                    return e.Message;
                }

                Thread.Sleep(s_destroyPause);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "made {Set} ({Type}) with {Count} entries")]
    private partial void LogMade(string set, string type, int count);

    [LoggerMessage(Level = LogLevel.Debug, Message = "destroyed {Set}")]
    private partial void LogDestroyed(string set);
}

using System.Text;
using Xunit;

namespace DcosIsolation.Policy.Tests;

/// <summary>The kernel as far as plans reach: sets by name, tables, references; it refuses what the kernel refuses.</summary>
internal sealed class KernelModel
{
    public SortedDictionary<string, LiveSet> Sets { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<Family, LiveFamily> Families { get; } = [];

    /// <summary>Names of sets that someone else's rules refer to.</summary>
    public List<string> ForeignReferences { get; } = [];

    /// <summary>When plans change sets in place.</summary>
    public InPlaceLimits Limits { get; init; } = new();

    public static KernelModel With(DesiredState desired, InPlaceLimits? limits = null)
    {
        var kernel = new KernelModel { Limits = limits ?? new InPlaceLimits() };
        kernel.Apply(desired);
        return kernel;
    }

    public LiveState Read() => new([.. Sets.Values.Select(set => set with { References = ReferencesTo(set.Name) })], [.. Families.Values]);

    public Plan Apply(DesiredState desired)
    {
        Plan plan = Plan(desired);
        Run(plan);
        return plan;
    }

    public Plan Plan(DesiredState desired) => Planner.Plan(desired, Read(), Limits);

    public void Run(Plan plan)
    {
        foreach (Action step in StepsOf(plan))
        {
            step();
        }
    }

    /// <summary>Everything that a plan does, in pieces between which the process may die.</summary>
    public List<Action> StepsOf(Plan plan) => [.. PhasesOf(plan).SelectMany(phase => phase)];

    /// <summary>The same; a packet's walk through the rules that begins in one phase ends in it.</summary>
    public List<List<Action>> PhasesOf(Plan plan)
    {
        List<List<Action>> phases = [];
        phases.AddRange(plan.Discard.Select(name => Alone(() => Destroy(name))));
        foreach (SetSpec set in plan.Create)
        {
            phases.Add(Alone(() => Create(set)));
            phases.Add(Alone(() => Fill(set, set.Count / 2)));
            phases.Add(Alone(() => Fill(set, set.Count)));
        }

        phases.AddRange(plan.Shrink.Select(StepsOf));
        phases.AddRange(plan.Swaps.Select(swap => Alone(() => Swap(swap))));
        phases.AddRange(plan.Tables.Select(table => Alone(() => Commit(table))));
        phases.AddRange(plan.Grow.Select(StepsOf));
        phases.AddRange(plan.Destroy.Select(name => Alone(() => Destroy(name))));
        return phases;

        static List<Action> Alone(Action step) => [step];
    }

    /// <summary>What a family's packets meet, under logical names: the rules, and the sets that they ask.</summary>
    public string InForce(Family family) => Families.TryGetValue(family, out LiveFamily? table) && table.IsPresent
        ? InForce([.. table.Jumps.Select(jump => jump.Rule.Rule!), .. table.Chain.Select(rule => rule.Rule!)], name => Sets[name].Content!)
        : "";

    /// <summary>What a family's packets shall meet.</summary>
    public static string InForce(DesiredState desired, Family family) =>
        desired.Families.FirstOrDefault(item => item.Family == family) is { } state
            ? InForce([state.Jump, .. state.Chain], name => state.Sets.Single(set => set.Name == name))
            : "";

    public void Change(string set, Func<LiveSet, LiveSet> change) => Sets[set] = change(Sets[set]);

    public void Change(Family family, Func<LiveFamily, LiveFamily> change) => Families[family] = change(Families[family]);

    private static string InForce(IEnumerable<Rule> rules, Func<string, SetSpec> lookup)
    {
        var text = new StringBuilder();
        var asked = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Rule rule in rules)
        {
            text.Append(rule.WithSets(KernelNames.LogicalOf)).Append('\n');
            asked.UnionWith(rule.Sets.Select(match => match.Set));
        }

        foreach (string name in asked.ToArray())
        {
            asked.UnionWith(lookup(name) is ListSet list ? list.Entries.Select(entry => entry.Set) : []);
        }

        foreach (string name in asked.OrderBy(KernelNames.LogicalOf, StringComparer.Ordinal))
        {
            SetSpec set = lookup(name) is ListSet list
                ? list with { Entries = [.. list.Entries.Select(entry => entry with { Set = KernelNames.LogicalOf(entry.Set) })] }
                : lookup(name);
            StateText.Append(text, set with { Name = KernelNames.LogicalOf(name) });
        }

        return text.ToString();
    }

    private void Create(SetSpec set)
    {
        Assert.True(KernelNames.IsOurs(set.Name, set.TypeName), set.Name);
        Assert.True(Encoding.UTF8.GetByteCount(set.Name) <= 31, set.Name);
        Assert.DoesNotContain(set.Name, Sets.Keys);
        Sets.Add(set.Name, new LiveSet(set.Name, set.TypeName, First(set, 0), 0, set is ListSet ? 0 : (uint)set.Count + 64, 0));
    }

    private void Fill(SetSpec set, int count)
    {
        if (set is ListSet list)
        {
            Assert.All(list.Entries, entry => Assert.Contains(entry.Set, Sets.Keys));
        }

        Change(set.Name, live => live with { Content = First(set, count) });
    }

    /// <summary>A phase entry by entry, in an order that nobody promised.</summary>
    private List<Action> StepsOf(EditPhase phase)
    {
        List<Action> steps = [];
        foreach (SetEdit edit in phase.Edits)
        {
            Assert.NotEqual(0, edit.Entries.Count);
            steps.AddRange(edit.Entries switch
            {
                NetSet set => set.Entries.Select(entry => (Action)(() => Edit(edit, entry))),
                NetNetSet set => set.Entries.Select(entry => (Action)(() => Edit(edit, entry))),
                _ => ((NetPortNetSet)edit.Entries).Entries.Select(entry => (Action)(() => Edit(edit, entry))),
            });
        }

        new Random(steps.Count).Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(steps));
        return steps;
    }

    private void Edit<TEntry>(SetEdit edit, TEntry entry)
        where TEntry : struct, IEquatable<TEntry>
    {
        var content = (SetSpec<TEntry>)Sets[edit.Entries.Name].Content!;
        Assert.NotEqual(edit.IsAdd, content.Entries.Contains(entry));
        Assert.True(!edit.IsAdd || content.Count < Sets[edit.Entries.Name].MaxElem);
        SortedSet<string> lengths = LengthsOf(content);
        SetSpec<TEntry> changed = content with
        {
            Entries = edit.IsAdd ? [.. content.Entries.Add(entry).Order()] : content.Entries.Remove(entry),
        };
        Assert.Equal(lengths, LengthsOf(changed));
        Change(edit.Entries.Name, live => live with { Content = changed });
    }

    /// <summary>The prefix lengths in each dimension, which the kernel moves under its readers when one comes or goes.</summary>
    private static SortedSet<string> LengthsOf(SetSpec set) => new(
        set switch
        {
            NetSet net => net.Entries.Select(entry => $"{entry.Length}"),
            NetNetSet net => net.Entries.SelectMany(entry => new[] { $"{entry.Source.Length}", $"-{entry.Destination.Length}" }),
            _ => ((NetPortNetSet)set).Entries.SelectMany(entry => new[] { $"{entry.Source.Length}", $"-{entry.Destination.Length}" }),
        },
        StringComparer.Ordinal);

    private void Swap(SetSwap swap)
    {
        (LiveSet inForce, LiveSet fresh) = (Sets[swap.InForce], Sets[swap.Fresh]);
        Assert.Equal(inForce.TypeName, fresh.TypeName);
        Assert.Equal(inForce.Content!.Family, fresh.Content!.Family);
        Sets[swap.InForce] = fresh with { Name = swap.InForce, Content = fresh.Content with { Name = swap.InForce } };
        Sets[swap.Fresh] = inForce with { Name = swap.Fresh, Content = inForce.Content with { Name = swap.Fresh } };
    }

    private void Commit(TablePlan table)
    {
        if (table.Jump is null)
        {
            Families.Remove(table.Family);
            return;
        }

        IEnumerable<Rule> rules = table.Chain.Select(planned => planned.Rule).Append(table.Jump);
        Assert.All(rules.SelectMany(rule => rule.Sets), match => Assert.Contains(match.Set, Sets.Keys));
        Families[table.Family] = new LiveFamily(
            table.Family,
            true,
            [.. table.Chain.Select(planned => new LiveRule(planned.Rule, planned.Rule.ToString(), planned.Packets, planned.Bytes))],
            [new LiveJump(0, new LiveRule(table.Jump, table.Jump.ToString(), 0, 0))],
            [],
            null);
    }

    private void Destroy(string name)
    {
        Assert.Contains(name, Sets.Keys);
        Assert.Equal(0, ReferencesTo(name));
        Sets.Remove(name);
    }

    private int ReferencesTo(string name)
    {
        IEnumerable<LiveRule> rules = Families.Values.SelectMany(family => family.Chain.Concat(family.Jumps.Select(jump => jump.Rule)));
        return rules.Sum(rule => rule.Rule is null
                ? rule.Text.Split(' ').Count(word => word == name)
                : rule.Rule.Sets.Count(match => match.Set == name))
            + Sets.Values.Sum(set => set.Content is ListSet list ? list.Entries.Count(entry => entry.Set == name) : 0)
            + ForeignReferences.Count(reference => reference == name);
    }

    private static SetSpec First(SetSpec set, int count) => set switch
    {
        NetSet net => net with { Entries = net.Entries[..count] },
        NetNetSet net => net with { Entries = net.Entries[..count] },
        NetPortNetSet net => net with { Entries = net.Entries[..count] },
        _ => (ListSet)set with { Entries = ((ListSet)set).Entries[..count] },
    };
}

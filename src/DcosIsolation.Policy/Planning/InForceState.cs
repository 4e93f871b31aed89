using System.Diagnostics.CodeAnalysis;

namespace DcosIsolation.Policy;

/// <summary>
/// What is in force as a state that can be desired again: planned against the kernel that it was read from, it changes nothing there.
/// Pure; thread-safe.
/// </summary>
public static class InForceState
{
    /// <summary>Turns what is in force into a desired state, under logical names.</summary>
    /// <param name="live">What the kernel holds.</param>
    /// <param name="state">The state; one without families when nothing is in force.</param>
    /// <param name="whyNot">Why what is in force could not be put back exactly.</param>
    public static bool TryOf(LiveState live, [NotNullWhen(true)] out DesiredState? state, [NotNullWhen(false)] out string? whyNot)
    {
        ArgumentNullException.ThrowIfNull(live);
        var sets = new LiveSets(live);
        LiveFamily[] present = [.. live.Families.Where(family => family.IsPresent).OrderBy(family => family.Family)];
        whyNot = present.Select(family => WhyNot(family, sets)).FirstOrDefault(why => why is not null) ?? WhyAmbiguous(present, sets);
        state = whyNot is null ? new DesiredState(DigestOf(present), [.. present.Select(family => Of(family, sets))]) : null;
        return whyNot is null;
    }

    private static string? WhyNot(LiveFamily found, LiveSets sets)
    {
        string family = found.Family == Family.Inet ? "IPv4" : "IPv6";
        if (found.Jumps is not [{ Position: 0, Rule.Rule: not null }])
        {
            return found.Jumps.IsEmpty ? $"no rule of FORWARD of {family} jumps to its chain {KernelNames.Chain}"
                : found.Jumps.Length > 1 ? $"{found.Jumps.Length} rules of FORWARD of {family} jump to {KernelNames.Chain}"
                : $"rule {found.Jumps[0].Position + 1} of FORWARD of {family} jumps to {KernelNames.Chain}, and is not the first or not the project's: "
                    + found.Jumps[0].Rule.Text;
        }

        if (found.Chain.IsEmpty)
        {
            return $"the chain {KernelNames.Chain} of {family} is empty";
        }

        if (found.Chain.FirstOrDefault(rule => rule.Rule is null) is { } foreign)
        {
            return $"the chain {KernelNames.Chain} of {family} holds a rule that cannot be read: {foreign.Text}";
        }

        foreach (string name in LiveSets.NamesInRules(found).Concat(sets.InForce(found)))
        {
            if (!sets.Ours.TryGetValue(name, out LiveSet? set) || set.Content is not { } content)
            {
                return $"the set {name} is in use and is none that the project makes";
            }

            if (content is ListSet && sets.MembersOf(set).Count() < content.Count)
            {
                return $"the list {name} has a member that is no set of the project's";
            }
        }

        return null;
    }

    /// <summary>Under logical names there is one set of a kind.</summary>
    private static string? WhyAmbiguous(IEnumerable<LiveFamily> present, LiveSets sets) => present.SelectMany(sets.InForce).Distinct()
        .GroupBy(KernelNames.LogicalOf, StringComparer.Ordinal)
        .Where(group => group.Count() > 1)
        .Select(group => $"{string.Join(" and ", group.Order(StringComparer.Ordinal))} are two generations of one set, and both are in force")
        .FirstOrDefault();

    private static FamilyState Of(LiveFamily found, LiveSets sets)
    {
        IEnumerable<LiveSet> inForce = sets.InForce(found).Select(name => sets.Ours[name]);
        return new FamilyState(
            found.Family,
            [
                .. inForce.OrderBy(set => set.Content is ListSet).ThenBy(set => set.Name, StringComparer.Ordinal)
                    .Select(set => ToLogical(set.Content!)),
            ],
            found.Jumps[0].Rule.Rule!.WithSets(KernelNames.LogicalOf),
            [.. found.Chain.Select(rule => rule.Rule!.WithSets(KernelNames.LogicalOf))]);
    }

    private static SetSpec ToLogical(SetSpec content)
    {
        string name = KernelNames.LogicalOf(content.Name);
        return content is ListSet list
            ? list with { Name = name, Entries = [.. list.Entries.Select(entry => entry with { Set = KernelNames.LogicalOf(entry.Set) })] }
            : content with { Name = name };
    }

    private static string DigestOf(IEnumerable<LiveFamily> present) =>
        present.SelectMany(family => family.Chain).Select(rule => RuleComment.PolicyOf(rule.Rule?.Comment)).LastOrDefault(digest => digest is not null) ?? "";
}

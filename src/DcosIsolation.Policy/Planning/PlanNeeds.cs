namespace DcosIsolation.Policy;

/// <summary>What a plan needs of the kernel while it is carried out: old and new sets stand side by side until the switch.</summary>
/// <param name="NewEntries">The entries that are added.</param>
/// <param name="NewBytes">The kernel memory that is taken before anything is given back, in bytes.</param>
/// <param name="PeakEntries">The most entries that the project's sets hold together at any time.</param>
/// <param name="PeakBytes">The most kernel memory that they take together, in bytes.</param>
public sealed record PlanNeeds(long NewEntries, long NewBytes, long PeakEntries, long PeakBytes)
{
    // A rule with its matches and target, and its copy per table while one replaces the other.
    private const long RuleBytes = 1024;

    // An entry in place at worst makes its bucket move to a larger piece of memory.
    private const long BytesInPlace = 128;

    /// <summary>Works it out. Pure.</summary>
    public static PlanNeeds Of(Plan plan, LiveState live)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(live);
        long newEntries = plan.EntriesInPlace(added: true);
        long newBytes = newEntries * BytesInPlace;
        foreach (SetSpec set in plan.Create)
        {
            newEntries += set.Count;
            newBytes += SetMemory.BytesOf(set);
        }

        foreach (TablePlan table in plan.Tables)
        {
            newBytes += table.Chain.Length * RuleBytes;
        }

        long heldEntries = 0;
        long heldBytes = 0;
        foreach (LiveSet set in live.Sets)
        {
            // Leftovers are gone before anything is made; what the project never puts into a set is not counted.
            if (set.Content is { } content && !plan.Discard.Contains(set.Name))
            {
                heldEntries += content.Count;
                heldBytes += SetMemory.BytesOf(content);
            }
        }

        return new PlanNeeds(newEntries, newBytes, heldEntries + newEntries, heldBytes + newBytes);
    }
}

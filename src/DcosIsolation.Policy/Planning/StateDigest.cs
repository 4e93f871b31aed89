namespace DcosIsolation.Policy;

/// <summary>
/// SHA-256, in lower-case hex, over the kernel objects that enforce a policy, under logical names. The digest of a desired state and that
/// of the live state are equal exactly when nothing has drifted. It covers neither the policy's digest in a comment nor leftovers that
/// nothing uses. Pure functions; thread-safe.
/// </summary>
public static class StateDigest
{
    /// <summary>The digest of what is desired.</summary>
    public static string Of(DesiredState desired)
    {
        ArgumentNullException.ThrowIfNull(desired);
        using var digest = new DigestWriter();
        foreach (FamilyState family in desired.Families)
        {
            digest.WriteNumber((int)family.Family);
            foreach (SetSpec set in family.Sets.OrderBy(set => set.Name, StringComparer.Ordinal))
            {
                digest.WriteSet(set.Name, set.TypeName, set);
            }

            digest.WriteText($"FORWARD 0 {family.Jump.Meaning}");
            foreach (Rule rule in family.Chain)
            {
                digest.WriteText(rule.Meaning);
            }
        }

        return digest.Finish();
    }

    /// <summary>The digest of what is in force.</summary>
    public static string Of(LiveState live)
    {
        ArgumentNullException.ThrowIfNull(live);
        var sets = new LiveSets(live);
        using var digest = new DigestWriter();
        foreach (LiveFamily family in live.Families.Where(family => family.IsPresent).OrderBy(family => family.Family))
        {
            digest.WriteNumber((int)family.Family);
            IEnumerable<string> names = sets.InForce(family)
                .OrderBy(KernelNames.LogicalOf, StringComparer.Ordinal)
                .ThenBy(name => name, StringComparer.Ordinal);
            foreach (string name in names)
            {
                LiveSet set = sets.Ours[name];
                digest.WriteSet(KernelNames.LogicalOf(name), set.TypeName, set.Content);
            }

            foreach (LiveJump jump in family.Jumps)
            {
                digest.WriteText($"FORWARD {jump.Position} {MeaningOf(jump.Rule)}");
            }

            foreach (LiveRule rule in family.Chain)
            {
                digest.WriteText(MeaningOf(rule));
            }
        }

        return digest.Finish();
    }

    private static string MeaningOf(LiveRule rule) => rule.Rule?.Meaning ?? $"foreign {rule.Text}";
}

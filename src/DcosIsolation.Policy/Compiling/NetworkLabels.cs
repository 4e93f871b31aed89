namespace DcosIsolation.Policy;

/// <summary>The labels of a policy's networks, no two alike.</summary>
internal static class NetworkLabels
{
    public static Dictionary<string, string> Of(IsolationPolicy policy)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Network network in policy.Networks)
        {
            names.Add(network.Name);
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Network network in policy.Networks)
        {
            string label = KernelNames.LabelOf(network.Name, names);
            if (!owners.TryAdd(label, network.Name))
            {
                throw new PolicyCompilationException(
                    network.Location,
                    $"the networks {owners[label]} and {network.Name} would share the kernel name {label}: rename one of them");
            }

            labels.Add(network.Name, label);
        }

        return labels;
    }
}

namespace DcosIsolation.Policy;

/// <summary>Takes a node as the kind that it must be, or reports that it is not.</summary>
internal static class Expect
{
    public static YamlMapping? Mapping(DiagnosticBag diagnostics, YamlNode node, string what, string expected) =>
        node as YamlMapping ?? Report<YamlMapping>(diagnostics, node, what, expected);

    public static YamlSequence? Sequence(DiagnosticBag diagnostics, YamlNode node, string what, string expected) =>
        node as YamlSequence ?? Report<YamlSequence>(diagnostics, node, what, expected);

    public static YamlScalar? Scalar(DiagnosticBag diagnostics, YamlNode node, string what, string expected) =>
        node is YamlScalar { IsNull: false } scalar ? scalar : Report<YamlScalar>(diagnostics, node, what, expected);

    /// <summary>A scalar as a prefix, or null after reporting that it is none.</summary>
    public static Prefix? Prefix(DiagnosticBag diagnostics, YamlScalar scalar)
    {
        if (PrefixParser.TryParse(scalar.Text, out Prefix prefix, out string? error))
        {
            return prefix;
        }

        // YAML takes a colon at either end of a plain word for its own.
        string hint = scalar.IsPlain && scalar.Text.StartsWith(':') ? "; YAML reads this IPv6 right only in quotes" : "";
        diagnostics.Error(scalar.Location, error + hint);
        return null;
    }

    /// <summary>One of two words: whether it is the second, or null after reporting that it is neither.</summary>
    public static bool? Choice(DiagnosticBag diagnostics, YamlNode node, string what, string first, string second)
    {
        string expected = $"{first} or {second}";
        if (Scalar(diagnostics, node, what, expected) is not { } scalar)
        {
            return null;
        }

        if (scalar.Text == first || scalar.Text == second)
        {
            return scalar.Text == second;
        }

        diagnostics.Error(node.Location, $"{what}: expected {expected}, found {scalar.Description}"
            + Suggestion.For(scalar.Text, [first, second], ""));
        return null;
    }

    /// <summary>
    /// The entries of a mapping by the key that each one means: one that is misspelled is reported, and read nevertheless for the errors in
    /// its value; one that is unknown is reported and left out.
    /// </summary>
    public static List<(string Key, SourceLocation Location, YamlNode Value)> Keys(
        DiagnosticBag diagnostics, YamlMapping mapping, string owner, params string[] known)
    {
        List<(string, SourceLocation, YamlNode)> entries = [];
        foreach ((YamlScalar key, YamlNode value) in mapping.Entries)
        {
            string? meant = key.Text;
            if (Array.IndexOf(known, key.Text) < 0)
            {
                meant = Suggestion.Find(key.Text, known);
                string hint = meant is null ? $"{owner} has: {string.Join(", ", known)}" : $"did you mean '{meant}'?";
                diagnostics.Error(key.Location, $"unknown key {Quoted.Text(key.Text)}; {hint}");
            }

            if (meant is not null)
            {
                entries.Add((meant, key.Location, value));
            }
        }

        return entries;
    }

    private static T? Report<T>(DiagnosticBag diagnostics, YamlNode node, string what, string expected)
        where T : YamlNode
    {
        if (node is not YamlReported)
        {
            diagnostics.Error(node.Location, $"{what}: expected {expected}, found {node.Description}");
        }

        return null;
    }
}

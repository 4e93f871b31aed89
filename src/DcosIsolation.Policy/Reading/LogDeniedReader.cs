using System.Globalization;

namespace DcosIsolation.Policy;

/// <summary>Reads <c>log-denied</c>.</summary>
internal static class LogDeniedReader
{
    private const string Example = "{prefix: \"denied: \", limit: 10/second, nflog-group: 7}";

    // As iptables has them: the beginning of a word is the word.
    private static readonly string[] s_units = ["second", "minute", "hour", "day"];

    /// <summary>The mapping, which may be empty; null after reporting that it is none, or that its prefix cannot be.</summary>
    public static DeniedLog? Read(YamlNode node, DiagnosticBag diagnostics)
    {
        if (Expect.Mapping(diagnostics, node, "'log-denied'", $"a mapping, like {Example}, or {{}}") is not { } mapping)
        {
            return null;
        }

        YamlScalar? prefix = null;
        PacketRate? limit = PacketRate.Default;
        ushort? group = null;
        bool isLog = true;
        foreach ((string key, _, YamlNode value) in Expect.Keys(diagnostics, mapping, "'log-denied'", "prefix", "limit", "nflog-group"))
        {
            switch (key)
            {
                case "prefix":
                    prefix = Expect.Scalar(diagnostics, value, "'prefix'", "text, like \"denied: \"");
                    break;
                case "limit":
                    limit = ReadLimit(value, diagnostics);
                    break;
                case "nflog-group":
                    isLog = false;
                    group = ReadGroup(value, diagnostics);
                    break;
            }
        }

        bool isPrefix = prefix is null || CheckPrefix(prefix, isLog, diagnostics);
        return isPrefix && limit is { } rate ? new DeniedLog(prefix?.Text ?? "", rate, group) : null;
    }

    private static bool CheckPrefix(YamlScalar prefix, bool isLog, DiagnosticBag diagnostics)
    {
        // What iptables-save would have to escape is not worth a second way to write the same rule.
        if (prefix.Text.Any(c => c is < ' ' or > '~' or '"' or '\'' or '\\'))
        {
            diagnostics.Error(prefix.Location, "'prefix': expected printable ASCII without quotes and backslashes,"
                + $" found {prefix.Description}");
            return false;
        }

        int most = isLog ? DeniedLog.MaxLogPrefix : DeniedLog.MaxNflogPrefix;
        if (prefix.Text.Length > most)
        {
            string hint = prefix.Text.Length <= DeniedLog.MaxNflogPrefix ? $" (with 'nflog-group' {DeniedLog.MaxNflogPrefix})" : "";
            diagnostics.Error(prefix.Location, $"'prefix' has {prefix.Text.Length} characters; expected {most} at most{hint}");
            return false;
        }

        return true;
    }

    private static PacketRate? ReadLimit(YamlNode node, DiagnosticBag diagnostics)
    {
        const string expected = "a number of packets in a time, like 10/second, 5/minute, 30/hour or 100/day";
        if (Expect.Scalar(diagnostics, node, "'limit'", expected) is not { } scalar)
        {
            return null;
        }

        int slash = scalar.Text.IndexOf('/');
        if (slash < 1 || !uint.TryParse(scalar.Text.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out uint count))
        {
            diagnostics.Error(node.Location, $"'limit': expected {expected}, found {scalar.Description}");
            return null;
        }

        string word = scalar.Text[(slash + 1)..];
        string? unit = Array.Find(s_units, known => word.Length > 0 && known.StartsWith(word, StringComparison.OrdinalIgnoreCase));
        if (unit is null)
        {
            string hint = Suggestion.For(word, s_units, "; expected second, minute, hour or day");
            diagnostics.Error(node.Location, $"'limit': unknown unit of time {Quoted.Text(word)} in {scalar.Description}{hint}");
            return null;
        }

        uint seconds = unit switch { "second" => 1, "minute" => 60, "hour" => 3_600, _ => 86_400 };
        if (PacketRate.TryMake(count, seconds) is not { } rate)
        {
            diagnostics.Error(node.Location, $"'limit': {scalar.Description} is more or less than the kernel can count;"
                + " expected 4/day to 10000/second");
            return null;
        }

        return rate;
    }

    private static ushort? ReadGroup(YamlNode node, DiagnosticBag diagnostics)
    {
        const string expected = "a number from 0 to 65535";
        if (Expect.Scalar(diagnostics, node, "'nflog-group'", expected) is not { } scalar)
        {
            return null;
        }

        if (ushort.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort group))
        {
            return group;
        }

        diagnostics.Error(node.Location, $"'nflog-group': expected {expected}, found {scalar.Description}");
        return null;
    }
}

using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace DcosIsolation.Daemon.Metrics;

/// <summary>
/// Listens to meters, and prints what they said in Prometheus' text format 0.0.4. An instrument whose name ends with <c>_info</c> has one
/// series, its last: its labels are the value. Thread-safe.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    /// <param name="meters">The names of the meters.</param>
    public PrometheusText(params string[] meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Array.IndexOf(meters, instrument.Meter.Name) >= 0)
            {
                listener.EnableMeasurementEvents(instrument, Add(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Record((Family)family!, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Record((Family)family!, value, tags));
        _listener.Start();
    }

    /// <summary>All that was said so far.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        lock (_lock)
        {
            foreach ((string name, Family family) in _families)
            {
                if (family.Series.Count == 0)
                {
                    continue;
                }

                text.Append("# HELP ").Append(name).Append(' ').Append(Escape(family.Help, quotes: false)).Append('\n');
                text.Append("# TYPE ").Append(name).Append(family.IsCounter ? " counter\n" : " gauge\n");
                foreach ((string labels, double value) in family.Series)
                {
                    text.Append(name).Append(labels).Append(' ').Append(Number(value)).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private Family Add(Instrument instrument)
    {
        var family = new Family(
            instrument.Description ?? "", instrument is Counter<long> or Counter<double>, instrument.Name.EndsWith("_info", StringComparison.Ordinal));

        // The library's names are the framework's kind: netfilter.table.commits becomes netfilter_table_commits_total.
        string name = instrument.Name.Replace('.', '_');
        lock (_lock)
        {
            _families[family.IsCounter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name] = family;
        }

        return family;
    }

    private void Record(Family family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = Labels(tags);
        lock (_lock)
        {
            if (family.IsInfo)
            {
                family.Series.Clear();
            }

            family.Series[labels] = family.IsCounter ? family.Series.GetValueOrDefault(labels) + value : value;
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach ((string name, object? value) in tags)
        {
            text.Append(text.Length == 0 ? '{' : ',').Append(name).Append("=\"").Append(Escape($"{value}", quotes: true)).Append('"');
        }

        return text.Append('}').ToString();
    }

    private static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private sealed record Family(string Help, bool IsCounter, bool IsInfo)
    {
        public Dictionary<string, double> Series { get; } = new(StringComparer.Ordinal);
    }
}

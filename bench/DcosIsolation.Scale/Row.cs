namespace DcosIsolation.Scale;

/// <summary>What was measured of one command: a time for each run, the highest of the peaks of memory.</summary>
/// <param name="name">What was run.</param>
/// <param name="against">What to compare it with: a row of the same rounds.</param>
internal sealed class Row(string name, Row? against = null)
{
    private readonly List<double> _seconds = [];

    public string Name => name;

    public Row? Against => against;

    /// <summary>How many entries were written or read, for the table.</summary>
    public int? Entries { get; set; }

    /// <summary>Why there are no times: a program that is not installed, or one that took too long.</summary>
    public string? LeftOut { get; set; }

    public long PeakKib { get; private set; }

    public int Runs => _seconds.Count;

    public double Minimum => _seconds.Min();

    public double Maximum => _seconds.Max();

    public double Median => MedianOf(_seconds);

    public void Add(double seconds, long peakKib = 0)
    {
        _seconds.Add(seconds);
        PeakKib = Math.Max(PeakKib, peakKib);
    }

    /// <summary>How many times as long as the other it took: the median of what the rounds say, each of which ran both.</summary>
    public double Ratio(Row other) => MedianOf(_seconds.Zip(other._seconds, (ours, theirs) => ours / theirs));

    private static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

using System.Globalization;
using System.Text;

namespace DcosIsolation.Scale;

/// <summary>Everything measured, as the section of a README and as lines for a terminal.</summary>
internal sealed class Report(
    Machine machine, int runs, IReadOnlyList<OneNetwork> sizes, OneNetwork main, LibraryAndFloor library, ManyNetworks many)
{
    private const string Begin = "<!-- bench/scale.sh writes from here -->";
    private const string End = "<!-- to here -->";

    private readonly StringBuilder _text = new();

    /// <summary>What was to be reached, and what was.</summary>
    public IReadOnlyList<string> Targets()
    {
        double again = main.ApplyAgain.Median;
        return
        [
            Target("library, file order / floor, file order", library.AddRange.Ratio(library.FloorFile), "≤", 1.10, "×"),
            Target("library, bucket order / floor, file order", library.Fill.Ratio(library.FloorFile), "<", 1, "×"),
            Target("`ipset restore` / `apply`", main.IpsetRestore.Ratio(main.Apply), "≥", 5, "×"),
            Target("`nft -f` / `apply`", main.Nft.Ratio(main.Apply), "≥", 12, "×"),
            Target("peak memory of `apply`", Megabytes(main.Apply), "≤", 100, "MB"),
            Target("`apply` again", again, "≤", 1, "s"),
            Target("`plan` of the same", main.Plan.Median, "≤", 1, "s"),
            Target("a change of 1 % / `apply` again", main.Change.Ratio(main.ApplyAgain), "≤", 1.2, "×"),
            Target("1,000 networks, 500 allows: `apply`", many.Apply.Median, "<", 1, "s"),
        ];
    }

    public string Svg()
    {
        return Chart.Draw("One network: loading its prefixes",
        [
            ("nft -f", Points(size => size.Nft)),
            ("ipset restore", Points(size => size.IpsetRestore)),
            ("isolation-netlinkd apply", Points(size => size.Apply)),
            ("floor: C, sends only", Points(size => size.Floor)),
        ]);

        IReadOnlyList<(double, double)> Points(Func<OneNetwork, Row> row) =>
            [.. sizes.Where(size => row(size).Runs > 0).Select(size => ((double)size.Count, row(size).Median))];
    }

    public string Markdown()
    {
        Line($"On {DateTime.UtcNow:d MMMM yyyy}: {machine.Hardware}; {machine.System}; load {machine.Load} at the start;");
        Line($"{machine.Versions}.");
        Line($"");
        Line($"{runs} runs, each in a network namespace of its own, in rounds that run everything once. `3 × that`: it took three times");
        Line($"as long, the median of what the rounds say. Memory is the peak of the process, in MB of 10⁶ bytes.");
        Line($"");
        Line($"| target | measured | |");
        Line($"|---|---|---|");
        foreach (string target in Targets())
        {
            Line($"{target}");
        }

        Line($"");
        Line($"### One network of {main.Count:#,0} prefixes");
        Line($"Different random prefixes, /20 to /32, in no order. `apply`, of isolation-netlinkd, reads them from a subnets file and");
        Line($"merges them; `nft` fills an interval set, `ipset` takes them as they are. Then the kernel's entries were counted (nft's");
        Line($"in smaller sets only: the kernel takes a minute to list these). Whole processes, seconds.");
        Table(
            main.Apply, main.IpsetRestore, main.Nft, main.NftMerged, main.ApplyAgain, main.Plan, main.Change, main.Show, main.Remove,
            main.OurSave, main.IpsetSave);
        Line($"");
        Line($"The library in process beside a program in C (`native-tests/floor.c`), in turn: the same entries, create options and batch");
        Line($"size. The floor is the sends and their acks alone. Its messages were laid out, and sorted into bucket order, before its");
        Line($"clock started; the library does both while its clock runs. Reading back, the floor throws away what comes, and the library");
        Line($"decodes it.");
        Table(library.FloorFile, library.AddRange, library.FloorBuckets, library.Fill, library.FloorDump, library.ReadEntries);
        Line($"");
        Line($"### {ManyNetworks.Networks:#,0} networks of {ManyNetworks.Subnets} subnets, {ManyNetworks.Allows} allows");
        Line($"The peers restore what `apply` had left: its sets by `ipset save`, its rules by `iptables-legacy-save`.");
        Table(many.Apply, many.Again, many.Restore);
        Line($"");
        Line($"### Growth");
        Line($"![Time over the number of prefixes](scale.svg)");
        Line($"");
        Line($"Medians in seconds, and microseconds for each prefix. The dotted line in the chart is where time is in proportion.");
        Line($"");
        Line($"| prefixes | runs | `apply` | `ipset restore` | `nft -f` | floor |");
        Line($"|---|---|---|---|---|---|");
        foreach (OneNetwork size in sizes)
        {
            Row[] rows = [size.Apply, size.IpsetRestore, size.Nft, size.Floor];
            Line($"| {size.Count:#,0} | {size.Apply.Runs} | {string.Join(" | ", rows.Select(row => Each(row, size.Count)))} |");
        }

        return _text.ToString();
    }

    /// <summary>Puts the section between the markers of a file; the rest of the file stays.</summary>
    public static void Replace(string path, string section)
    {
        string text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal), end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new InvalidOperationException($"{path} lacks the lines '{Begin}' and '{End}': the figures are on the terminal only");
        }

        File.WriteAllText(path, $"{text[..begin]}{Begin}\n{section}\n{text[end..]}");
    }

    private static string Target(string what, double measured, string relation, double bound, string unit)
    {
        bool reached = relation switch { "≤" => measured <= bound, "<" => measured < bound, _ => measured >= bound };
        return double.IsNaN(measured)
            ? Text($"| {what} {relation} {bound:0.##} {unit} | | not measured |")
            : Text($"| {what} {relation} {bound:0.##} {unit} | {measured:0.00} {unit} | {(reached ? "PASS" : "MISS")} |");
    }

    private static double Megabytes(Row row) => row.PeakKib * 1024 / 1e6;

    private static string Each(Row row, int count) =>
        row.Runs == 0 ? row.LeftOut ?? "" : Text($"{row.Median:0.000} ({row.Median / count * 1e6:0.00} µs)");

    private void Table(params Row[] rows)
    {
        Line($"");
        Line($"| | entries | minimum | median | maximum | peak MB | |");
        Line($"|---|---|---|---|---|---|---|");
        foreach (Row row in rows)
        {
            if (row.Runs == 0)
            {
                Line($"| {row.Name} | | | | | | left out: {row.LeftOut} |");
                continue;
            }

            string memory = row.PeakKib > 0 ? Text($"{Megabytes(row):0.0}") : "";
            string ratio = row.Against is { Runs: > 0 } against ? Text($"{row.Ratio(against):0.00} × {against.Name}") : "";
            string seconds = Text($"{row.Minimum:0.000} | {row.Median:0.000} | {row.Maximum:0.000}");
            Line($"| {row.Name} | {row.Entries:#,0} | {seconds} | {memory} | {ratio} |");
        }
    }

    private void Line(FormattableString text) => _text.Append(Text(text)).Append('\n');

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

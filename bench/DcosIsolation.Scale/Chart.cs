using System.Globalization;
using System.Text;

namespace DcosIsolation.Scale;

/// <summary>
/// Time over the number of prefixes, both logarithmic, as a picture that needs nothing else and can be read on light and on dark.
/// </summary>
internal sealed class Chart
{
    private const double Left = 70;
    private const double Right = 560;
    private const double Top = 60;
    private const double Bottom = 400;
    private const double LabelDistance = 18;

    // Light and dark: a line's colour stands out from both backgrounds.
    private const string Style = """
          text { font: 13px system-ui, sans-serif; fill: #1f2328 }
          .title { font-weight: 600; font-size: 15px }
          .page { fill: #ffffff } .grid { stroke: #d1d9e0 } .guide { stroke: #818b98; stroke-dasharray: 2 4; stroke-width: 1.5 }
          .line { fill: none; stroke-width: 2.5 } .lead { stroke-width: 1 }
          .c0 { stroke: #0969da } .c1 { stroke: #bc4c00 } .c2 { stroke: #8250df } .c3 { stroke: #1a7f37 }
          .f0 { fill: #0969da } .f1 { fill: #bc4c00 } .f2 { fill: #8250df } .f3 { fill: #1a7f37 } .muted { fill: #59636e }
          @media (prefers-color-scheme: dark) {
            text { fill: #f0f6fc } .page { fill: #0d1117 } .grid { stroke: #3d444d } .guide { stroke: #9198a1 }
            .c0 { stroke: #4493f8 } .c1 { stroke: #f0883e } .c2 { stroke: #ab7df8 } .c3 { stroke: #3fb950 }
            .f0 { fill: #4493f8 } .f1 { fill: #f0883e } .f2 { fill: #ab7df8 } .f3 { fill: #3fb950 } .muted { fill: #9198a1 }
          }
        """;

    private readonly StringBuilder _svg = new();
    private readonly double _minX;
    private readonly double _maxX;
    private readonly double _minY;
    private readonly double _maxY;

    private Chart(double minX, double maxX, double minY, double maxY) => (_minX, _maxX, _minY, _maxY) = (minX, maxX, minY, maxY);

    /// <summary>Draws up to four lines.</summary>
    /// <param name="title">What the chart shows.</param>
    /// <param name="lines">Each with its points: the number of prefixes and seconds. One without points is left out.</param>
    public static string Draw(string title, IReadOnlyList<(string Name, IReadOnlyList<(double Count, double Seconds)> Points)> lines)
    {
        (double Count, double Seconds)[] all = [.. lines.SelectMany(line => line.Points)];
        var chart = new Chart(
            all.Min(point => point.Count),
            all.Max(point => point.Count),
            Math.Pow(10, Math.Floor(Math.Log10(all.Min(point => point.Seconds)))),
            Math.Pow(10, Math.Ceiling(Math.Log10(all.Max(point => point.Seconds)))));
        chart.Frame(title, [.. all.Select(point => point.Count).Distinct().Order()]);
        chart.Guide();
        chart.Lines(lines);
        return chart._svg.Append("</svg>\n").ToString();
    }

    private double X(double count) => Left + ((Right - Left) * Math.Log(count / _minX) / Math.Log(_maxX / _minX));

    private double Y(double seconds) => Bottom - ((Bottom - Top) * Math.Log(seconds / _minY) / Math.Log(_maxY / _minY));

    private void Frame(string title, double[] counts)
    {
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 460\" role=\"img\" aria-label=\"{title}\">\n");
        Add($"<style>\n{Style}\n</style>\n");
        Add($"<rect class=\"page\" width=\"760\" height=\"460\" rx=\"6\"/>\n");
        Add($"<text class=\"title\" x=\"{Left}\" y=\"28\">{title}</text>\n");
        Add($"<text class=\"muted\" x=\"{Left}\" y=\"47\">seconds, median; both axes logarithmic</text>\n");
        foreach (double count in counts)
        {
            Add($"<line class=\"grid\" x1=\"{X(count):0.#}\" x2=\"{X(count):0.#}\" y1=\"{Top}\" y2=\"{Bottom}\"/>\n");
            Add($"<text text-anchor=\"middle\" x=\"{X(count):0.#}\" y=\"{Bottom + 20}\">{count:#,0}</text>\n");
        }

        for (double seconds = _minY; seconds <= _maxY * 1.001; seconds *= 10)
        {
            Add($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Right}\" y1=\"{Y(seconds):0.#}\" y2=\"{Y(seconds):0.#}\"/>\n");
            Add($"<text text-anchor=\"end\" x=\"{Left - 8}\" y=\"{Y(seconds) + 4:0.#}\">{seconds:0.#####} s</text>\n");
        }

        Add($"<text text-anchor=\"middle\" x=\"{(Left + Right) / 2}\" y=\"{Bottom + 44}\">prefixes in the network</text>\n");
    }

    /// <summary>Where ten times the prefixes take ten times as long: a line beside it is in proportion.</summary>
    private void Guide()
    {
        double seconds = 1.5 * _minY;
        double to = Math.Min(_maxX, _minX * _maxY / seconds);
        Add($"<line class=\"guide\" x1=\"{Left}\" y1=\"{Y(seconds):0.#}\" x2=\"{X(to):0.#}\" y2=\"{Y(seconds * to / _minX):0.#}\"/>\n");
        Add($"<line class=\"guide\" x1=\"{Right - 150}\" y1=\"42\" x2=\"{Right - 120}\" y2=\"42\"/>\n");
        Add($"<text class=\"muted\" x=\"{Right - 112}\" y=\"47\">in proportion: slope 1</text>\n");
    }

    private void Lines(IReadOnlyList<(string Name, IReadOnlyList<(double Count, double Seconds)> Points)> lines)
    {
        var labels = new List<(string Name, int Colour, double EndX, double EndY)>();
        for (int i = 0; i < lines.Count; i++)
        {
            IReadOnlyList<(double Count, double Seconds)> points = lines[i].Points;
            if (points.Count > 0)
            {
                string path = string.Join(' ', points.Select(point => Text($"{X(point.Count):0.#},{Y(point.Seconds):0.#}")));
                Add($"<polyline class=\"line c{i}\" points=\"{path}\"/>\n");
                foreach ((double count, double seconds) in points)
                {
                    Add($"<circle class=\"f{i}\" cx=\"{X(count):0.#}\" cy=\"{Y(seconds):0.#}\" r=\"4\"/>\n");
                }

                (double endX, double endY) = (X(points[^1].Count), Y(points[^1].Seconds));
                if (points[^1].Count < _maxX)
                {
                    // It took too long to go on: the name stands above the end.
                    Add($"<text class=\"f{i}\" text-anchor=\"middle\" x=\"{endX:0.#}\" y=\"{endY - 10:0.#}\">{lines[i].Name}</text>\n");
                }
                else
                {
                    labels.Add((lines[i].Name, i, endX, endY));
                }
            }
        }

        // From the top down, each far enough below the one before, and tied to its line's end.
        double free = Top;
        foreach ((string name, int colour, double x, double end) in labels.OrderBy(label => label.EndY))
        {
            double y = Math.Max(end, free);
            free = y + LabelDistance;
            Add($"<line class=\"lead c{colour}\" x1=\"{x + 6:0.#}\" y1=\"{end:0.#}\" x2=\"{Right + 16}\" y2=\"{y:0.#}\"/>\n");
            Add($"<text class=\"f{colour}\" x=\"{Right + 20}\" y=\"{y + 4:0.#}\">{name}</text>\n");
        }
    }

    private void Add(FormattableString text) => _svg.Append(Text(text));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

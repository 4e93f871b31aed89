using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>Columns of text, aligned by spaces. A table library would be a sixth of the binary for this one use.</summary>
internal sealed class TextTable(params string[] header)
{
    private readonly List<string[]> _rows = [header];

    public void AddRow(params string[] cells) => _rows.Add([.. cells.Select(cell => Quoted.Escape(cell))]);

    public void WriteTo(TextWriter text)
    {
        int[] widths = [.. header.Select((_, column) => _rows.Max(row => row[column].Length))];
        foreach (string[] row in _rows)
        {
            string line = string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])));
            text.WriteLine(line.TrimEnd());
        }
    }
}

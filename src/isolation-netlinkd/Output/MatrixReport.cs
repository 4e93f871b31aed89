using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What <c>matrix</c> prints, and the data of its page.</summary>
internal sealed record MatrixReport(PolicyMatrix Matrix, string PolicyDigest)
{
    private const int MostColumns = 60;

    private ImmutableArray<Network> Networks => Matrix.Policy.Networks;

    public void WriteText(TextWriter text)
    {
        if (Networks.Length > MostColumns)
        {
            text.WriteLine($"{Networks.Length} networks are too many for a grid on a terminal: --html FILE makes a page of them");
        }
        else
        {
            WriteGrid(text);
        }

        text.WriteLine();
        for (int from = 0; from < Networks.Length; from++)
        {
            for (int to = 0; to < Networks.Length; to++)
            {
                MatrixCell cell = Matrix.Cell(from, to);
                if (cell.Verdict is MatrixVerdict.Services or MatrixVerdict.Partly)
                {
                    text.WriteLine($"{Networks[from].Name} -> {Networks[to].Name}: {cell.Text}");
                }
            }
        }

        HashSet<Statement> first = [.. Matrix.Cases.SelectMany(Rulings).SelectMany(ruling => ruling.MayDecideFirst)];
        if (first.Count > 0)
        {
            IEnumerable<string> places = first.Select(rule => $"{rule.Location}").Distinct().Order(StringComparer.Ordinal);
            text.WriteLine($"rules in iptables' words may decide otherwise first: {Quoted.Escape(string.Join(", ", places))}");
        }

        text.WriteLine($"policy digest  {PolicyDigest}");
    }

    /// <summary>Writes inside an object: the networks, what is said between them, and for each two of them which of that holds.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("policyDigest", PolicyDigest);
        json.WriteStartArray("networks");
        foreach (Network network in Networks)
        {
            json.WriteStartObject();
            json.WriteString("name", network.Name);
            WriteLocation(json, network.Location);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("rulings");
        foreach (MatrixCell cell in Matrix.Cases)
        {
            WriteCell(json, cell);
        }

        // A row for each network that packets come from; in it, for each that they go to, the index of a ruling.
        json.WriteEndArray();
        json.WriteStartArray("cells");
        for (int from = 0; from < Networks.Length; from++)
        {
            json.WriteStartArray();
            for (int to = 0; to < Networks.Length; to++)
            {
                json.WriteNumberValue(Matrix.CaseOf(from, to));
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    /// <summary>Columns have numbers, whose networks the rows name.</summary>
    private void WriteGrid(TextWriter text)
    {
        int digits = Networks.Length.ToString(CultureInfo.InvariantCulture).Length;
        int width = Networks.Max(network => network.Name.Length);
        text.WriteLine("rows: from, columns: to; # everything  p some services  ~ partly  . nothing  (space) no family in common");
        text.WriteLine();
        text.Write(new string(' ', digits + 1 + width));
        for (int to = 0; to < Networks.Length; to++)
        {
            text.Write($" {(to + 1).ToString(CultureInfo.InvariantCulture).PadLeft(digits)}");
        }

        text.WriteLine();
        for (int from = 0; from < Networks.Length; from++)
        {
            string number = (from + 1).ToString(CultureInfo.InvariantCulture).PadLeft(digits);
            string row = $"{number} {Networks[from].Name.PadRight(width)}";
            for (int to = 0; to < Networks.Length; to++)
            {
                row += $" {Symbol(Matrix.Cell(from, to).Verdict).PadLeft(digits)}";
            }

            text.WriteLine(row.TrimEnd());
        }
    }

    private static void WriteCell(Utf8JsonWriter json, MatrixCell cell)
    {
        json.WriteStartObject();
        json.WriteString("verdict", Word(cell.Verdict));
        json.WriteString("passes", cell.Text);
        json.WriteStartArray("parts");
        foreach (MatrixPart part in cell.Parts)
        {
            json.WriteStartObject();
            json.WriteString("family", FamilyText.JsonName(part.Family));
            if (part.Addresses is { } addresses)
            {
                json.WriteString("addresses", addresses);
            }

            json.WriteStartArray("services");
            foreach (ServiceRuling service in part.Services)
            {
                json.WriteStartObject();
                json.WriteString("services", part.Services.Length == 1 ? "everything" : service.Text);
                json.WriteBoolean("passes", service.Ruling.Passes);
                WriteStatement(json, service.Ruling.Decider);
                json.WriteStartArray("mayDecideFirst");
                foreach (Statement first in service.Ruling.MayDecideFirst)
                {
                    json.WriteStartObject();
                    WriteStatement(json, first);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteStatement(Utf8JsonWriter json, Statement? statement)
    {
        if (statement is not null)
        {
            json.WriteString("rule", statement.Text);
            WriteLocation(json, statement.Location);
        }
    }

    private static void WriteLocation(Utf8JsonWriter json, SourceLocation? location)
    {
        if (location is { } place)
        {
            json.WriteString("file", place.File);
            json.WriteNumber("line", place.Line);
        }
    }

    private static IEnumerable<Ruling> Rulings(MatrixCell cell) =>
        cell.Parts.SelectMany(part => part.Services).Select(service => service.Ruling);

    private static string Symbol(MatrixVerdict verdict) => verdict switch
    {
        MatrixVerdict.All => "#",
        MatrixVerdict.Services => "p",
        MatrixVerdict.Partly => "~",
        MatrixVerdict.Nothing => ".",
        _ => " ",
    };

    private static string Word(MatrixVerdict verdict) => verdict switch
    {
        MatrixVerdict.All => "all",
        MatrixVerdict.Services => "services",
        MatrixVerdict.Partly => "partly",
        MatrixVerdict.Nothing => "nothing",
        _ => "none",
    };
}

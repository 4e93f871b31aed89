using System.Collections.Immutable;
using DcosIsolation.Daemon.Explaining;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What <c>explain</c> prints about one question.</summary>
/// <param name="Explanation">The answers.</param>
/// <param name="Sources">The networks that the source lies in.</param>
/// <param name="Destinations">The networks that the destination lies in.</param>
internal sealed record ExplainReport(Explanation Explanation, IReadOnlyList<string> Sources, IReadOnlyList<string> Destinations)
{
    /// <summary>What the policy says of the other services, where none was asked about.</summary>
    public ImmutableArray<ServiceRuling> Services { get; init; } = [];

    /// <summary>What else is to be known.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    private Question Question => Explanation.Question;

    public void WriteText(TextWriter text, bool verbose)
    {
        RulingVerdict verdict = Explanation.Policy?.Verdict ?? Explanation.Kernel!.Verdict;
        string service = Question.Service is null ? "" : $", {Question.ServiceText}";
        Line($"{Question.SourceText}{Names(Sources)} to {Question.DestinationText}{Names(Destinations)}{service}: {Explanation.Word(verdict)}");
        if (Explanation.Policy is { } policy)
        {
            WritePolicy(Line, policy);
        }

        if (Explanation.Kernel is { } kernel)
        {
            WriteKernel(Line, kernel, verbose);
        }

        foreach (string note in Notes)
        {
            Line($"note     {note}");
        }

        if (Explanation.Difference is { } difference)
        {
            Line($"differs  {difference}");
        }

        Line("asked of the first packet of a connection; answers to one that is allowed pass");

        void Line(string line) => text.WriteLine(Quoted.Escape(line));
    }

    public void WriteJson(JsonResult json)
    {
        WriteAnswers(json, Explanation);
        json.Strings("sourceNetworks", Sources);
        json.Strings("destinationNetworks", Destinations);
        json.Strings("notes", Notes);
        json.Objects("services", Services, item =>
        {
            json.Writer.WriteString("service", item.Text);
            WriteRuling(json, item.Ruling);
        });
    }

    /// <summary>The answers to one question of many, as members of an object.</summary>
    public static void WriteAnswers(JsonResult json, Explanation explanation)
    {
        json.Writer.WriteString("source", explanation.Question.SourceText);
        json.Writer.WriteString("destination", explanation.Question.DestinationText);
        json.Writer.WriteString("service", explanation.Question.ServiceText);
        if (explanation.Policy is { } policy)
        {
            json.Writer.WriteStartObject("policy");
            WriteRuling(json, policy);
            json.Writer.WriteEndObject();
        }

        if (explanation.Kernel is { } kernel)
        {
            json.Writer.WriteStartObject("kernel");
            json.Writer.WriteString("verdict", Explanation.Word(kernel.Verdict));
            WriteRule(json, "decidedBy", kernel.Decider);
            json.Writer.WriteString("why", kernel.Why);
            json.Objects("mayDecideFirst", kernel.MayDecideFirst, rule => WriteRule(json, rule));
            if (kernel.Steps.Count > 0)
            {
                json.Objects("steps", kernel.Steps, step => WriteStep(json, step));
            }

            json.Writer.WriteEndObject();
        }

        json.Writer.WriteString("difference", explanation.Difference);
    }

    /// <summary>The answers to one question of many, as a line.</summary>
    public static string Line(Explanation explanation)
    {
        (Question question, Ruling? policy, KernelRuling? kernel) = (explanation.Question, explanation.Policy, explanation.Kernel);
        string[] columns =
        [
            question.SourceText,
            question.DestinationText,
            question.ServiceText,
            policy is null ? "-" : Word(policy.Verdict, !policy.MayDecideFirst.IsEmpty),
            policy?.Decider?.Location is { } location ? $"{location.File}:{location.Line}" : "-",
            kernel is null ? "-" : Word(kernel.Verdict, kernel.MayDecideFirst.Count > 0),
            kernel?.Decider is { } rule ? $"{rule.Number}" : "-",
            policy is null || kernel is null ? "-" : explanation.Difference is null ? "same" : "differs",
        ];
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = Quoted.Escape(columns[i]);
        }

        return string.Join('\t', columns);
    }

    private void WritePolicy(Action<string> line, Ruling policy)
    {
        foreach (Statement statement in policy.MayDecideFirst)
        {
            line($"  before {Explanation.TextOf(statement)}: may decide first");
        }

        line($"policy   {Explanation.Word(policy.Verdict)}: {Explanation.PlaceOf(policy)}");
        foreach (Statement statement in policy.Shadowed)
        {
            line($"  shadows {Explanation.TextOf(statement)}: {(statement.Verdict == RulingVerdict.Unknown ? "may decide" : Explanation.Word(statement.Verdict))}");
        }

        foreach (ServiceRuling item in Services)
        {
            line($"  but {item.Text} {Explanation.Word(item.Ruling.Verdict)}: {Explanation.PlaceOf(item.Ruling)}");
        }
    }

    private static void WriteKernel(Action<string> line, KernelRuling kernel, bool verbose)
    {
        foreach (KernelStep step in verbose ? kernel.Steps : [])
        {
            string sets = string.Concat(step.Sets.Select(set => $"; {set.Match}: {Word(set.Answer)}"));
            line($"  {step.Rule.Name}: {step.Rule.Text}: {Word(step.Matched)}{sets}");
        }

        foreach (KernelRule rule in kernel.MayDecideFirst)
        {
            line($"  before {rule.Name}: {rule.Text}: may decide first");
        }

        line($"kernel   {Explanation.Word(kernel.Verdict)}: {kernel.Place}");
    }

    private static void WriteRuling(JsonResult json, Ruling ruling)
    {
        json.Writer.WriteString("verdict", Explanation.Word(ruling.Verdict));
        if (ruling.Decider is { } decider)
        {
            json.Writer.WriteStartObject("decidedBy");
            WriteStatement(json, decider);
            json.Writer.WriteEndObject();
        }
        else
        {
            json.Writer.WriteNull("decidedBy");
        }

        json.Objects("mayDecideFirst", ruling.MayDecideFirst, statement => WriteStatement(json, statement));
        json.Objects("shadowed", ruling.Shadowed, statement => WriteStatement(json, statement));
    }

    private static void WriteStatement(JsonResult json, Statement statement)
    {
        json.Writer.WriteString("text", statement.Text);
        json.Writer.WriteString("verdict", Explanation.Word(statement.Verdict));
        json.Writer.WriteString("file", statement.Location?.File);
        if (statement.Location is { } location)
        {
            json.Writer.WriteNumber("line", location.Line);
            json.Writer.WriteNumber("column", location.Column);
        }
    }

    private static void WriteRule(JsonResult json, string name, KernelRule? rule)
    {
        if (rule is null)
        {
            json.Writer.WriteNull(name);
            return;
        }

        json.Writer.WriteStartObject(name);
        WriteRule(json, rule);
        json.Writer.WriteEndObject();
    }

    private static void WriteRule(JsonResult json, KernelRule rule)
    {
        json.Writer.WriteString("chain", rule.Chain);
        json.Writer.WriteNumber("number", rule.Number);
        json.Writer.WriteString("rule", rule.Text);
    }

    private static void WriteStep(JsonResult json, KernelStep step)
    {
        WriteRule(json, step.Rule);
        json.Writer.WriteString("matched", Word(step.Matched));
        json.Objects("sets", step.Sets, set =>
        {
            json.Writer.WriteString("set", set.Match);
            json.Writer.WriteString("answer", Word(set.Answer));
        });
    }

    private static string Names(IReadOnlyList<string> networks) => networks.Count == 0 ? "" : $" ({string.Join(", ", networks)})";

    private static string Word(RulingVerdict verdict, bool mayDiffer) => mayDiffer ? Explanation.Word(verdict) + "?" : Explanation.Word(verdict);

    private static string Word(Answer answer) => answer switch { Answer.Yes => "yes", Answer.No => "no", _ => "maybe" };
}

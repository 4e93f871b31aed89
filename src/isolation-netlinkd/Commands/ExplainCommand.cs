using System.Collections.Immutable;
using System.Text;
using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Explaining;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>explain</c>.</summary>
/// <param name="context">Where results and diagnostics go.</param>
/// <param name="policyPath">The policy that is asked; null for none.</param>
/// <param name="asksKernel">Whether the kernel is asked.</param>
internal sealed class ExplainCommand(CommandContext context, string? policyPath, bool asksKernel)
{
    private const int QuestionsAtATime = 1000;

    /// <summary>Explains one pair.</summary>
    public int Run(string source, string destination, string? service)
    {
        PolicyFile? file = policyPath is null ? null : PolicyFile.Read(context, policyPath);
        List<string> mistakes = [];
        Question? question = new QuestionReader(file?.Policy).Read(
            source, destination, service, (word, error) => mistakes.Add($"{(word == 0 ? "SRC" : word == 1 ? "DST" : "PORT/PROTO")}: {error}"));
        if (question is null)
        {
            throw new UsageException(mistakes);
        }

        PolicyModel? model = file is null ? null : new PolicyModel(file.Policy);
        using KernelAsker? kernel = OpenKernel(keepsSteps: true);
        Explanation explanation = Explain(model, kernel, question);
        var report = new ExplainReport(explanation, Networks(isSource: true), Networks(isSource: false))
        {
            Services = question.Service is null && model is not null ? OtherServices(model, explanation) : [],
            Notes = kernel is null ? [] : Notes(kernel.Filter(question.Family), file, explanation),
        };
        context.WriteResult(report.WriteJson, text => report.WriteText(text, context.Verbose));
        return explanation.Difference is null ? ExitCode.Done : ExitCode.Refused;

        IReadOnlyList<string> Networks(bool isSource)
        {
            if (model is null)
            {
                return kernel!.NetworksOf(question, isSource);
            }

            AddressClasses classes = model.Classes(question.Family);
            ImmutableArray<int> own = classes.NetworksOf(classes.ClassOf(isSource ? question.Source : question.Destination));
            return [.. own.Select(network => model.Policy.Networks[network].Name)];
        }
    }

    /// <summary>Explains as many pairs as a file has lines, one line or object each, as they are read.</summary>
    public int RunAll(string path)
    {
        PolicyFile? file = policyPath is null ? null : PolicyFile.Read(context, policyPath);
        PolicyModel? model = file is null ? null : new PolicyModel(file.Policy);
        using StreamReader questions = OpenQuestions(path);
        using KernelAsker? kernel = OpenKernel(keepsSteps: false);
        var counts = new QuestionCounts();
        IEnumerable<Explanation> answers = Answers(path, questions, new QuestionReader(file?.Policy), model, kernel, counts);
        context.WriteResult(json => WriteJson(json, answers, counts), text => WriteLines(text, answers));
        if (counts.Failure is { } failure)
        {
            context.Tell(failure);
            return ExitCode.Refused;
        }

        if (counts.Different > 0)
        {
            context.Tell($"the policy and the kernel differ about {counts.Different} of {Counted.Text(counts.Asked, "question")}");
        }

        return counts.Mistakes.Count > 0 ? ExitCode.Invalid : counts.Different > 0 ? ExitCode.Refused : ExitCode.Done;
    }

    private IEnumerable<Explanation> Answers(
        string path, StreamReader questions, QuestionReader reader, PolicyModel? model, KernelAsker? kernel, QuestionCounts counts)
    {
        int line = 0;
        while (ReadLine(path, questions) is { } text)
        {
            if (reader.ReadLine(text, new SourceLocation(path, ++line, 1), Report) is { } question)
            {
                Explanation explanation = Explain(model, kernel, question);
                counts.Asked++;
                counts.Different += explanation.Difference is null ? 0 : 1;
                yield return explanation;
            }
        }

        void Report(PolicyDiagnostic mistake)
        {
            counts.Mistakes.Add(mistake);
            context.TellPlainly(mistake.ToString());
        }
    }

    private static string? ReadLine(string path, StreamReader questions)
    {
        try
        {
            return questions.ReadLine();
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"the questions '{path}' could not be read to their end: {e.Message}", e);
        }
    }

    private static void WriteLines(TextWriter text, IEnumerable<Explanation> answers)
    {
        foreach (Explanation answer in answers)
        {
            text.WriteLine(ExplainReport.Line(answer));
        }
    }

    /// <summary>Writes the document as the answers come; what fails meanwhile is told in it.</summary>
    private static void WriteJson(JsonResult json, IEnumerable<Explanation> answers, QuestionCounts counts)
    {
        json.Writer.WriteStartArray("questions");
        try
        {
            foreach (Explanation answer in answers)
            {
                json.Writer.WriteStartObject();
                ExplainReport.WriteAnswers(json, answer);
                json.Writer.WriteEndObject();
                if (counts.Asked % QuestionsAtATime == 0)
                {
                    json.WriteOut();
                }
            }
        }
        catch (Exception e) when (CommandLine.IsRefusal(e))
        {
            counts.Failure = e.Message;
        }

        json.Writer.WriteEndArray();
        json.Writer.WriteNumber("asked", counts.Asked);
        json.Writer.WriteNumber("different", counts.Different);
        if (counts.Failure is not null || counts.Mistakes.Count > 0)
        {
            json.Writer.WriteString("error", counts.Failure ?? Counted.Text(counts.Mistakes.Count, "line is no question", "lines are no questions"));
            json.Writer.WriteNumber("exitCode", counts.Failure is null ? ExitCode.Invalid : ExitCode.Refused);
            DiagnosticJson.Write(json, counts.Mistakes);
        }
    }

    private static Explanation Explain(PolicyModel? model, KernelAsker? kernel, Question question) => new(
        question,
        model?.Judge(question.Family, question.Source, question.Destination, question.Carried),
        kernel?.Ask(question));

    /// <summary>The services that are ruled otherwise than what no clause names.</summary>
    private static ImmutableArray<ServiceRuling> OtherServices(PolicyModel model, Explanation explanation)
    {
        (Question question, Ruling asked) = (explanation.Question, explanation.Policy!);
        AddressClasses classes = model.Classes(question.Family);
        ImmutableArray<ServiceRuling> all =
            model.Services(question.Family, classes.ClassOf(question.Source), classes.ClassOf(question.Destination));
        return all.RemoveAll(item => item.Ruling.Verdict == asked.Verdict && item.Ruling.Decider == asked.Decider);
    }

    private static List<string> Notes(KernelFilter filter, PolicyFile? file, Explanation explanation)
    {
        List<string> notes = [];
        if (filter.RulesBefore > 0)
        {
            string rules = Counted.Text(filter.RulesBefore, "rule");
            notes.Add($"the jump to {KernelNames.Chain} is not the first of FORWARD; {rules} before it may have decided already");
        }

        if (file is null && filter.IsInForce)
        {
            notes.Add($"policy digest {filter.PolicyDigest ?? "unknown"}");
        }

        if (explanation.Difference is not null && filter.IsInForce && filter.PolicyDigest != file!.Digest)
        {
            notes.Add(filter.PolicyDigest is { } other
                ? $"the rules in force are those of another policy, with the digest {other}; this one's is {file.Digest}"
                : "the rules in force do not say of which policy they are");
        }

        return notes;
    }

    private KernelAsker? OpenKernel(bool keepsSteps)
    {
        if (!asksKernel)
        {
            return null;
        }

        IpsetClient ipset = IpsetClient.Open(context.Logger);
        try
        {
            Leftovers.Settle(context, heldLock: null);
            return new KernelAsker(ipset, keepsSteps);
        }
        catch
        {
            ipset.Dispose();
            throw;
        }
    }

    private static StreamReader OpenQuestions(string path)
    {
        try
        {
            return new StreamReader(path == "-" ? StandardStream.Input() : InputFile.Open(path), Encoding.UTF8);
        }
        catch (IOException e)
        {
            throw new UsageException([$"cannot read the questions '{path}': {e.Message}"]);
        }
    }

    /// <summary>What came of the questions of a file.</summary>
    private sealed class QuestionCounts
    {
        public long Asked { get; set; }

        public long Different { get; set; }

        public string? Failure { get; set; }

        public List<PolicyDiagnostic> Mistakes { get; } = [];
    }
}

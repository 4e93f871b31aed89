using System.Text;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>One table of a restore: its copy, which the lines change.</summary>
/// <param name="options">The command line.</param>
/// <param name="editor">The copy.</param>
/// <param name="warn">Tells what an extension has to say of a rule that it takes.</param>
internal sealed class RestoredTable(RestoreOptions options, XtablesTableEditor editor, Action<string> warn) : IDisposable
{
    private readonly XtablesRuleParser _parser = new(editor.Family, editor.Name)
    {
        IsChain = editor.HasChain,
        Encoding = Encoding.Latin1,
    };

    private (string Name, byte[] Bytes) _lastChain = ("", []);

    public XtablesTableEditor Editor => editor;

    /// <summary>The line of the last COMMIT.</summary>
    public int CommitLine { get; set; }

    /// <summary>Takes a line <c>:chain policy [packets:bytes]</c>, less its colon.</summary>
    /// <exception cref="IptablesFailure">It is none.</exception>
    /// <exception cref="XtablesException">There is such a chain already, or it cannot have this policy.</exception>
    public void Declare(ReadOnlySpan<byte> text)
    {
        string chain = TableCommand.CheckLength(TakeWord(ref text));
        string policy = TakeWord(ref text);
        if (policy.Length == 0)
        {
            throw Mistake(chain.Length == 0 ? "the name of the chain is missing" : "the policy is missing; a chain of one's own has -");
        }

        if (!editor.IsBuiltin(chain))
        {
            if (options.NoFlush && editor.HasChain(chain))
            {
                editor.FlushChain(chain);
            }
            else
            {
                editor.CreateChain(chain);
            }
        }

        if (policy == "-")
        {
            return;
        }

        XtablesCounters counters = default;
        if (options.Counters && !CounterPrefix.TryRead(ref text, out counters))
        {
            throw Mistake("the counters of the policy are missing, as [0:0]");
        }

        editor.SetPolicy(chain, new(policy, counters));
    }

    /// <summary>Carries a command out.</summary>
    /// <exception cref="IptablesFailure">It is none.</exception>
    /// <exception cref="XtablesException">It cannot be carried out in the table as it is.</exception>
    public void Execute(ReadOnlySpan<byte> text)
    {
        XtablesCounters? counters = null;
        if (text[0] == '[')
        {
            counters = CounterPrefix.TryRead(ref text, out XtablesCounters read)
                ? read
                : throw Mistake("what begins with [ is counters, as [0:0]");
        }

        if (text.StartsWith("-A "u8) && TryAppend(text[3..], options.Counters ? counters : null))
        {
            return;
        }

        IReadOnlyList<string> words = XtablesRuleText.Split(Encoding.Latin1.GetString(text));
        if (TableCommand.Read(words as string[] ?? [.. words], editor.Family) is { } command)
        {
            Execute(command, options.Counters ? counters : null);
        }
    }

    public void Dispose() => editor.Dispose();

    /// <summary>What nearly every line of a large table is, without strings in between.</summary>
    private bool TryAppend(ReadOnlySpan<byte> text, XtablesCounters? counters)
    {
        int end = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> chain = end < 0 ? text : text[..end];
        if (chain.IsEmpty || chain.IndexOfAny("\"\t"u8) >= 0)
        {
            return false;
        }

        if (!chain.SequenceEqual(_lastChain.Bytes))
        {
            _lastChain = (TableCommand.CheckLength(Encoding.Latin1.GetString(chain)), chain.ToArray());
        }

        Append(_lastChain.Name, _parser.Parse(text[chain.Length..]), counters);
        return true;
    }

    private void Append(string chain, XtablesParsedRule parsed, XtablesCounters? counters)
    {
        if (parsed.Warnings.Length > 0)
        {
            warn(parsed.Warnings);
        }

        foreach (XtablesEntry entry in parsed.Entries)
        {
            editor.Append(chain, new CountedRule(entry, counters ?? parsed.Counters ?? default));
        }
    }

    private static IptablesFailure Mistake(string message) => new(message, IptablesFailure.Invalid);

    private static string TakeWord(ref ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t"u8);
        int end = text.IndexOfAny(" \t"u8);
        ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
        text = text[word.Length..].TrimStart(" \t"u8);
        return Encoding.Latin1.GetString(word);
    }

    private void Execute(TableCommand command, XtablesCounters? counters)
    {
        string chain = command.Chain ?? "";
        switch (command.Verb)
        {
            case TableVerb.Flush when chain.Length > 0:
                editor.FlushChain(chain);
                break;
            case TableVerb.Flush:
                ForEachChain(editor.FlushChain);
                break;
            case TableVerb.Zero when command.Number > 0:
                editor.ZeroRule(chain, command.Number - 1);
                break;
            case TableVerb.Zero when chain.Length > 0:
                editor.ZeroChain(chain);
                break;
            case TableVerb.Zero:
                ForEachChain(editor.ZeroChain);
                break;
            case TableVerb.NewChain:
                editor.CreateChain(chain);
                break;
            case TableVerb.DeleteChain when chain.Length > 0:
                editor.DeleteChain(chain);
                break;
            case TableVerb.DeleteChain:
                ForEachChain(DeleteUnlessBuiltin);
                break;
            case TableVerb.RenameChain:
                editor.RenameChain(chain, command.Argument);
                break;
            case TableVerb.Policy when editor.Name == "nat" && command.Argument == "DROP":
                throw Mistake("the table nat is not meant for filtering; DROP is not taken there");
            case TableVerb.Policy:
                editor.SetPolicy(chain, new(command.Argument, counters ?? command.Counters));
                break;
            case TableVerb.DeleteNumber:
                editor.Delete(chain, command.Number - 1);
                break;
            default:
                ExecuteRule(command, counters);
                break;
        }
    }

    private void ExecuteRule(TableCommand command, XtablesCounters? counters)
    {
        XtablesParsedRule parsed = _parser.Parse(command.Rule);
        if (parsed.Warnings.Length > 0)
        {
            warn(parsed.Warnings);
        }

        if (counters is not null && parsed.Counters is not null)
        {
            throw Mistake("the rule has its counters twice, as [0:0] and with -c");
        }

        string chain = command.Chain!;
        if (command.Verb == TableVerb.Replace && parsed.Entries.Length > 1)
        {
            throw Mistake("one rule cannot be replaced by several: a source or destination is a list");
        }

        foreach (XtablesEntry entry in parsed.Entries)
        {
            var rule = new CountedRule(entry, counters ?? parsed.Counters ?? default);
            switch (command.Verb)
            {
                case TableVerb.Append:
                    editor.Append(chain, rule);
                    break;
                case TableVerb.Insert:
                    editor.Insert(chain, command.Number - 1, rule);
                    break;
                case TableVerb.Replace:
                    editor.Replace(chain, command.Number - 1, rule);
                    break;
                case TableVerb.Delete when !editor.Delete(chain, entry):
                case TableVerb.Check when !editor.Contains(chain, entry):
                    throw new IptablesFailure($"the chain {chain} has no such rule", IptablesFailure.Refused);
            }
        }
    }

    private void ForEachChain(Action<string> action)
    {
        foreach (string chain in editor.Chains)
        {
            action(chain);
        }
    }

    private void DeleteUnlessBuiltin(string chain)
    {
        if (!editor.IsBuiltin(chain))
        {
            editor.DeleteChain(chain);
        }
    }
}

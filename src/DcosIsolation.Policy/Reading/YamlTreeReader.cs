using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DcosIsolation.Policy;

/// <summary>
/// Reads the one document of a YAML text into nodes with places, and rejects what a policy has no use for: duplicate keys, aliases,
/// anchors, tags, further documents.
/// </summary>
internal sealed class YamlTreeReader
{
    /// <summary>The deepest nesting of lists and mappings; the policy format needs 4.</summary>
    public const int MaxDepth = 16;

    private readonly string _file;
    private readonly string _text;
    private readonly DiagnosticBag _diagnostics;
    private readonly Parser _parser;
    private Mark _lastEnd = Mark.Empty;

    private YamlTreeReader(string file, string text, DiagnosticBag diagnostics)
    {
        _file = file;
        _text = text;
        _diagnostics = diagnostics;
        _parser = new Parser(new Scanner(new StringReader(text)));
    }

    /// <summary>The root, or null after reporting that there is none or that the text is not YAML.</summary>
    public static YamlNode? Read(string file, string text, DiagnosticBag diagnostics)
    {
        YamlTreeReader reader = new(file, text, diagnostics);
        try
        {
            return reader.ReadStream();
        }
        catch (YamlException e)
        {
            diagnostics.Error(reader.At(e.Start), reader.Explain(e));
            return null;
        }
    }

    private YamlNode? ReadStream()
    {
        Next();
        if (Next() is StreamEnd)
        {
            ReportEmpty();
            return null;
        }

        YamlNode root = ReadNode(Next(), depth: 0);
        Next();
        if (Next() is DocumentStart second)
        {
            _diagnostics.Error(At(second.Start), "a second document starts here; a policy file holds one:"
                + " put each policy into a file of its own");
        }

        if (root is YamlScalar { IsNull: true })
        {
            ReportEmpty();
            return null;
        }

        return root;
    }

    private ParsingEvent Next()
    {
        _lastEnd = _parser.Current is null or DocumentStart ? _lastEnd : _parser.Current.End;
        try
        {
            if (!_parser.MoveNext())
            {
                throw new InvalidOperationException();
            }
        }
        catch (Exception e) when (e is not (YamlException or OutOfMemoryException))
        {
            // On some texts the parser leaks the framework's exceptions: InvalidOperationException on "...\nx", ArgumentException on
            // odd tags.
            throw new YamlException(_lastEnd, _lastEnd, "While parsing, found something that cannot stand here or after it", e);
        }

        return _parser.Current!;
    }

    private YamlNode ReadNode(ParsingEvent start, int depth)
    {
        SourceLocation location = At(start.Start);
        if (start is AnchorAlias alias)
        {
            _diagnostics.Error(location, $"{Quoted.Text($"*{alias.Value}")} is a YAML alias, which a policy may not use; write the value out"
                + " (every network is \"*\", in quotes)");
            return new YamlReported(location);
        }

        // For "- :" the parser leaves the value out.
        if (start is not NodeEvent node)
        {
            throw new YamlException(start.Start, start.End, "While parsing a node, did not find expected node content");
        }

        RejectProperties(node, location);
        if (start is Scalar scalar)
        {
            return new YamlScalar(location, scalar.Value, scalar.Style == ScalarStyle.Plain);
        }

        if (depth == MaxDepth)
        {
            throw new NestingException(start.Start, start.End);
        }

        return start is SequenceStart ? ReadSequence(location, depth + 1) : ReadMapping(location, depth + 1);
    }

    private void RejectProperties(NodeEvent node, SourceLocation location)
    {
        if (!node.Anchor.IsEmpty)
        {
            _diagnostics.Error(location, $"{Quoted.Text($"&{node.Anchor.Value}")} is a YAML anchor, which a policy may not use; remove it");
        }

        if (!node.Tag.IsEmpty)
        {
            _diagnostics.Error(location, $"{Quoted.Text(node.Tag.Value)} is a YAML tag, which a policy may not use; remove it");
        }
    }

    private YamlSequence ReadSequence(SourceLocation location, int depth)
    {
        List<YamlNode> items = [];
        while (Next() is not SequenceEnd and var item)
        {
            items.Add(ReadNode(item, depth));
        }

        return new YamlSequence(location, items);
    }

    private YamlMapping ReadMapping(SourceLocation location, int depth)
    {
        List<(YamlScalar, YamlNode)> entries = [];
        Dictionary<string, int> lines = new(StringComparer.Ordinal);
        while (Next() is not MappingEnd and var keyEvent)
        {
            YamlNode key = ReadNode(keyEvent, depth);
            YamlNode value = ReadNode(Next(), depth);
            if (key is not YamlScalar scalar || scalar.IsNull)
            {
                if (key is not YamlReported)
                {
                    _diagnostics.Error(key.Location, $"a key must be a word, not {key.Description}");
                }

                continue;
            }

            if (!lines.TryAdd(scalar.Text, scalar.Location.Line))
            {
                _diagnostics.Error(scalar.Location, $"the key {Quoted.Text(scalar.Text)} is here twice, first on line {lines[scalar.Text]};"
                    + " keep one of them");
            }

            entries.Add((scalar, value));
        }

        return new YamlMapping(location, entries);
    }

    private void ReportEmpty() => _diagnostics.Error(
        new SourceLocation(_file, 1, 1),
        "the file says nothing; an empty file is not an empty policy: expected 'version: 1' and 'networks'");

    private string Explain(YamlException e)
    {
        if (e is NestingException)
        {
            return $"lists and mappings are nested deeper than {MaxDepth} levels; a policy needs 4";
        }

        int index = (int)e.Start.Index;
        return (index < _text.Length ? _text[index] : '\0') switch
        {
            '*' => "not YAML: '*' alone would be an alias; every network is \"*\", in quotes",
            '\t' => $"not YAML: {e.Message.TrimEnd('.')}; indent with spaces, not tabs",
            _ => $"not YAML: {e.Message.TrimEnd('.')}",
        };
    }

    // The parser gives no mark to what it infers, like the empty key of [::1]; the end of what came before is as near as can be.
    private SourceLocation At(Mark mark)
    {
        Mark known = mark.Index == 0 ? _lastEnd : mark;
        return new SourceLocation(_file, (int)known.Line, (int)known.Column);
    }

    private sealed class NestingException(Mark start, Mark end) : YamlException(start, end, "");
}

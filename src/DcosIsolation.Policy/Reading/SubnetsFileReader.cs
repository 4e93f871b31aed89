namespace DcosIsolation.Policy;

/// <summary>
/// Reads a subnets file: a prefix or an address a line, <c>#</c> comments, also after a prefix, blank lines; any number of lines.
/// </summary>
/// <param name="file">The path, for the diagnostics.</param>
/// <param name="quotes">
/// Whether diagnostics quote the file. Who reads a policy may have more rights than who wrote it, and its errors go to logs: they must not
/// be the way to read any file.
/// </param>
/// <param name="prefixes">Where prefixes go.</param>
/// <param name="diagnostics">Where errors go.</param>
internal sealed class SubnetsFileReader(string file, bool quotes, List<Prefix> prefixes, DiagnosticBag diagnostics)
{
    /// <summary>The longest line, in UTF-16 code units.</summary>
    public const int MaxLineLength = 65536;

    /// <summary>How many errors of one file are reported; the rest are counted.</summary>
    public const int MaxErrors = 20;

    private int _line;
    private int _errors;
    private SourceLocation _firstUnreported;

    /// <summary>Adds every prefix of the file to the list, and reports what is none.</summary>
    /// <returns>Whether every line is right.</returns>
    public bool Read(TextReader reader)
    {
        char[] buffer = new char[MaxLineLength];
        int held = 0;
        int read;
        do
        {
            read = reader.Read(buffer, held, buffer.Length - held);
            held += read;
            held = ReadLines(buffer.AsSpan(0, held));
            if (held == buffer.Length)
            {
                _line++;
                Report(1, $"the line is longer than {MaxLineLength} characters; expected one prefix a line");
                held = 0;
                break;
            }
        }
        while (read > 0);

        if (held > 0)
        {
            ReadLine(buffer.AsSpan(0, held));
        }

        if (_errors > MaxErrors)
        {
            string more = _errors - MaxErrors == 1 ? "one more line of this file is" : $"{_errors - MaxErrors} more lines of this file are";
            diagnostics.Error(_firstUnreported, $"{more} wrong; the first is this one");
        }

        return _errors == 0;
    }

    /// <summary>Reads the whole lines and moves what is left to the front.</summary>
    /// <returns>How much is left.</returns>
    private int ReadLines(Span<char> held)
    {
        ReadOnlySpan<char> rest = held;
        for (int end = rest.IndexOf('\n'); end >= 0; end = rest.IndexOf('\n'))
        {
            ReadLine(rest[..end]);
            rest = rest[(end + 1)..];
        }

        rest.CopyTo(held);
        return rest.Length;
    }

    private void ReadLine(ReadOnlySpan<char> line)
    {
        _line++;
        int start = _line == 1 && line.StartsWith('\ufeff') ? 1 : 0;
        int comment = line.IndexOf('#');
        ReadOnlySpan<char> content = comment < 0 ? line[start..] : line[start..comment];
        ReadOnlySpan<char> trimmed = content.TrimStart();
        int column = content.Length - trimmed.Length + 1;
        trimmed = trimmed.TrimEnd();
        if (trimmed.IsEmpty)
        {
            return;
        }

        if (PrefixParser.TryParse(trimmed, out Prefix prefix, out string? error))
        {
            PrefixCanonicalizer.AddSplit(prefixes, prefix);
        }
        else if (quotes)
        {
            Report(column, error);
        }
        else
        {
            Report(1, "the line is not a prefix or an address; it is not shown, since the file is outside of the policy's directory");
        }
    }

    private void Report(int column, string message)
    {
        SourceLocation location = new(file, _line, column);
        if (++_errors <= MaxErrors)
        {
            diagnostics.Error(location, message);
        }
        else if (_errors == MaxErrors + 1)
        {
            _firstUnreported = location;
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace DcosIsolation.Policy;

/// <summary>
/// Reads a subnets file: a prefix, an address or a range of addresses a line, <c>#</c> and <c>;</c> comments, also after an entry, blank
/// lines; any number of lines, UTF-8.
/// </summary>
/// <remarks>
/// The file is read block by block, and what nearly every line of a large one is, an entry alone, is read from its bytes, without
/// allocation. Every other line is decoded first.
/// </remarks>
/// <param name="file">The path, for the diagnostics.</param>
/// <param name="quotes">
/// Whether diagnostics quote the file. Who reads a policy may have more rights than who wrote it, and its errors go to logs: they must not
/// be the way to read any file.
/// </param>
/// <param name="prefixes">Where prefixes go.</param>
/// <param name="diagnostics">Where errors go.</param>
internal sealed class SubnetsFileReader(string file, bool quotes, PrefixBuilder prefixes, DiagnosticBag diagnostics)
{
    /// <summary>The longest line, in UTF-16 code units, and one.</summary>
    public const int MaxLineLength = 65536;

    /// <summary>How many errors of one file are reported; the rest are counted.</summary>
    public const int MaxErrors = 20;

    // Room for the longest line: no UTF-16 code unit takes more than 3 bytes of UTF-8.
    private const int BlockLength = 4 * MaxLineLength;

    // What the rest of the file may hold more of than its first block.
    private const double Margin = 1.05;

    private char[]? _decoded;
    private int _line;
    private int _errors;
    private SourceLocation _firstUnreported;

    /// <summary>Adds every prefix of the file to the list, and reports what is none.</summary>
    /// <returns>Whether every line is right.</returns>
    /// <exception cref="InvalidDataException">The file is not UTF-8.</exception>
    public bool Read(Stream stream)
    {
        byte[] block = GC.AllocateUninitializedArray<byte>(BlockLength);
        int held = 0;
        int read;
        bool goesOn;
        do
        {
            read = stream.Read(block, held, block.Length - held);
            held += read;
            int whole = read == 0 ? held : block.AsSpan(0, held).LastIndexOf((byte)'\n') + 1;
            bool first = _line == 0;
            goesOn = ReadLines(block.AsSpan(0, whole));
            if (first && whole > 0 && stream.CanSeek)
            {
                prefixes.Reserve(Margin * stream.Length / whole);
            }

            block.AsSpan(whole, held - whole).CopyTo(block);
            held -= whole;
            if (held == block.Length)
            {
                _line++;
                goesOn = ReportEndlessLine();
            }
        }
        while (read > 0 && goesOn);

        if (_errors > MaxErrors)
        {
            string more = _errors - MaxErrors == 1 ? "one more line of this file is" : $"{_errors - MaxErrors} more lines of this file are";
            diagnostics.Error(_firstUnreported, $"{more} wrong; the first is this one");
        }

        return _errors == 0;
    }

    /// <summary>Reads whole lines, the last with or without its end.</summary>
    /// <returns>False when there is no point in reading on.</returns>
    private bool ReadLines(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            throw new InvalidDataException("it is not UTF-8 text");
        }

        if (_line == 0 && text.StartsWith("\ufeff"u8))
        {
            text = text["\ufeff"u8.Length..];
        }

        while (!text.IsEmpty)
        {
            _line++;
            if (SubnetsLine.TryReadInet(text, out uint address, out int prefixLength, out int consumed))
            {
                prefixes.AddInet(address, prefixLength);
                text = text[consumed..];
                continue;
            }

            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = text[(end < 0 ? text.Length : end + 1)..];
            if (line.Length >= MaxLineLength && Encoding.UTF8.GetCharCount(line) >= MaxLineLength)
            {
                return ReportEndlessLine();
            }

            ReadLine(line);
        }

        return true;
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        _decoded ??= GC.AllocateUninitializedArray<char>(MaxLineLength);
        ReadOnlySpan<char> content = _decoded.AsSpan(0, Encoding.UTF8.GetChars(line, _decoded));
        content = content[..CommentStart(content)];
        ReadOnlySpan<char> trimmed = content.TrimStart();
        int column = content.Length - trimmed.Length + 1;
        trimmed = trimmed.TrimEnd();
        if (trimmed.IsEmpty || TryAdd(trimmed, out string? error))
        {
            return;
        }

        if (quotes)
        {
            Report(column, error);
        }
        else
        {
            const string Hidden = "it is not shown, since the file is outside of the policy's directory";
            Report(1, $"the line is not a prefix, an address or a range; {Hidden}");
        }
    }

    /// <summary>Where a comment begins, or the end of the line: at '#' anywhere, but at ';' only behind a blank.</summary>
    private static int CommentStart(ReadOnlySpan<char> line)
    {
        // 10.0.0.0/8;11.0.0.0/8 is a mistake; its second half must not get lost.
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '#' || (line[i] == ';' && (i == 0 || char.IsWhiteSpace(line[i - 1]))))
            {
                return i;
            }
        }

        return line.Length;
    }

    private bool TryAdd(ReadOnlySpan<char> entry, [NotNullWhen(false)] out string? error)
    {
        if (entry.Contains('-'))
        {
            return PrefixRange.TryAdd(entry, prefixes, out error);
        }

        if (!PrefixParser.TryParse(entry, out Prefix prefix, out error))
        {
            return false;
        }

        prefixes.Add(prefix);
        return true;
    }

    private bool ReportEndlessLine()
    {
        Report(1, $"the line is longer than {MaxLineLength} characters; expected one prefix a line");
        return false;
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

using System.Text;

namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>What a line of a restore is.</summary>
internal enum RestoreLine
{
    /// <summary><c># anything</c>.</summary>
    Comment,

    /// <summary><c>*table</c>: the lines until COMMIT are for this table.</summary>
    Table,

    /// <summary><c>:chain policy [packets:bytes]</c>.</summary>
    Chain,

    /// <summary>A command as iptables takes it, with <c>[packets:bytes]</c> in front or without.</summary>
    Command,

    Commit,
}

/// <summary>The lines of a restore that say something, less those of other tables than the one that is wanted.</summary>
/// <param name="input">All of it.</param>
/// <param name="onlyTable">The one table that is wanted; null for all.</param>
internal ref struct RestoreLines(ReadOnlySpan<byte> input, string? onlyTable)
{
    private ReadOnlySpan<byte> _rest = input;
    private bool _isInTable;

    // What stands before the first table is not for the one that is wanted.
    private bool _isSkipping = onlyTable is not null;

    /// <summary>The number of the line.</summary>
    public int Number { get; private set; }

    public RestoreLine Kind { get; private set; }

    /// <summary>The line without its line feed, and without the character that says what it is.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>Reads the next line; false at the end.</summary>
    /// <exception cref="IptablesFailure">A line stands where it cannot, or the last table's COMMIT is missing.</exception>
    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf((byte)'\n');
            Text = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            Number++;
            if (!Text.IsEmpty && Read())
            {
                return true;
            }
        }

        if (_isInTable)
        {
            Number++;
            throw new IptablesFailure("COMMIT is missing", IptablesFailure.Refused);
        }

        return false;
    }

    /// <summary>The line as text; <see cref="Latin1"/> keeps each byte.</summary>
    public readonly string Latin1 => Encoding.Latin1.GetString(Text);

    private bool Read()
    {
        if (Text[0] == '#')
        {
            Kind = RestoreLine.Comment;
            return true;
        }

        if (Text[0] == '*' && !_isInTable)
        {
            return ReadTable();
        }

        if (_isSkipping)
        {
            return false;
        }

        if (!_isInTable)
        {
            throw new IptablesFailure("it stands outside of any table; a table begins with *NAME", IptablesFailure.Refused);
        }

        if (Text.Contains((byte)0))
        {
            throw new IptablesFailure("it has a NUL in it", IptablesFailure.Invalid);
        }

        if (Text.SequenceEqual("COMMIT"u8))
        {
            _isInTable = false;
            Kind = RestoreLine.Commit;
        }
        else if (Text[0] == ':')
        {
            Text = Text[1..];
            Kind = RestoreLine.Chain;
        }
        else
        {
            Kind = RestoreLine.Command;
        }

        return true;
    }

    private bool ReadTable()
    {
        ReadOnlySpan<byte> name = Text[1..].Trim(" \t"u8);
        int end = name.IndexOfAny(" \t"u8);
        Text = end < 0 ? name : name[..end];
        if (Text.IsEmpty)
        {
            throw new IptablesFailure("the name of the table is missing", IptablesFailure.Invalid);
        }

        _isSkipping = onlyTable is not null && onlyTable != Latin1;
        _isInTable = !_isSkipping;
        Kind = RestoreLine.Table;
        return _isInTable;
    }
}

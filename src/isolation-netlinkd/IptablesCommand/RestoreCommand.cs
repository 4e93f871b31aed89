using System.Text;
using DcosIsolation.Daemon.Commands;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>
/// <c>iptables-restore</c>. Every table is built before the first is written, once each; when a later one is refused, those before are put
/// back.
/// </summary>
internal sealed class RestoreCommand : IDisposable
{
    private readonly RestoreOptions _options;
    private readonly Stream _output;
    private readonly Action<string> _warn;
    private readonly List<RestoredTable> _tables = [];
    private XtablesLock? _lock;

    private int _line;

    private RestoreCommand(string program, RestoreOptions options, Stream output, TextWriter error)
    {
        _options = options;
        _output = output;
        _warn = warning => error.Write($"{program}: {Where(_line)}: warning: {warning}\n");
    }

    /// <summary>Restores tables.</summary>
    /// <exception cref="IptablesFailure">A line failed, and nothing was changed; or what was changed could not be put back.</exception>
    /// <exception cref="XtablesLockTimeoutException">Somebody else holds the lock.</exception>
    /// <exception cref="NotSupportedException">Rules cannot be read on this machine.</exception>
    public static void Run(string program, RestoreOptions options, Func<Stream> openInput, Stream output, TextWriter error)
    {
        if (options.ShowsHelp || options.ShowsVersion)
        {
            string text = options.ShowsHelp ? RestoreOptions.Help : $"{program} of isolation-netlinkd {VersionCommand.Version}\n";
            output.Write(Encoding.UTF8.GetBytes(text));
            return;
        }

        byte[] input = ReadAll(options.File, openInput);
        using var command = new RestoreCommand(program, options, output, error);
        command.Build(input);
        if (!options.Test)
        {
            command.Commit();
        }
    }

    public void Dispose()
    {
        foreach (RestoredTable table in _tables)
        {
            table.Dispose();
        }

        _lock?.Dispose();
    }

    private static byte[] ReadAll(string? path, Func<Stream> openInput)
    {
        if (path is not null)
        {
            return File.ReadAllBytes(path);
        }

        using Stream input = openInput();
        using var all = new MemoryStream();
        input.CopyTo(all);
        return all.ToArray();
    }

    private void Build(ReadOnlySpan<byte> input)
    {
        var lines = new RestoreLines(input, _options.Table);
        try
        {
            RestoredTable? table = null;
            while (lines.MoveNext())
            {
                _line = lines.Number;
                switch (lines.Kind)
                {
                    case RestoreLine.Comment when _options.Verbose:
                        _output.Write([.. lines.Text, (byte)'\n']);
                        break;
                    case RestoreLine.Table:
                        table = Begin(lines.Latin1);
                        break;
                    case RestoreLine.Chain:
                        table!.Declare(lines.Text);
                        break;
                    case RestoreLine.Command:
                        table!.Execute(lines.Text);
                        break;
                    case RestoreLine.Commit:
                        table!.CommitLine = lines.Number;
                        break;
                }
            }
        }
        catch (XtablesLockTimeoutException)
        {
            throw;
        }
        catch (XtablesException e)
        {
            bool isInvalid = e.NativeError == 0 || lines.Kind == RestoreLine.Table;
            throw Failed(lines.Number, e.Message, isInvalid ? IptablesFailure.Invalid : IptablesFailure.Refused);
        }
        catch (IptablesFailure e)
        {
            throw Failed(lines.Number, e.Message, e.ExitCode);
        }
    }

    /// <summary>The table of a line <c>*table</c>, which may be there twice.</summary>
    private RestoredTable Begin(string name)
    {
        _lock ??= XtablesLock.Acquire(_options.Wait);
        RestoredTable? table = _tables.Find(known => known.Editor.Name == name);
        if (table is null)
        {
            table = new(_options, XtablesTableEditor.Open(_options.Family, name, _lock), _warn);
            _tables.Add(table);
        }

        if (!_options.NoFlush)
        {
            table.Editor.Clear();
        }

        return table;
    }

    private void Commit()
    {
        var originals = new List<XtablesTable>(_tables.Count);
        try
        {
            foreach (RestoredTable table in _tables)
            {
                if (_tables.Count > 1)
                {
                    originals.Add(XtablesTable.Open(_options.Family, table.Editor.Name, _lock!));
                }

                Commit(table, originals);
            }
        }
        finally
        {
            originals.ForEach(original => original.Dispose());
        }
    }

    private void Commit(RestoredTable table, List<XtablesTable> originals)
    {
        try
        {
            table.Editor.Commit();
        }
        catch (XtablesException e)
        {
            throw Failed(table.CommitLine, e.Message + PutBack(originals), IptablesFailure.Refused);
        }
    }

    /// <summary>Puts the tables back that were written, less the last, which was refused.</summary>
    /// <returns>What to tell of it.</returns>
    private string PutBack(List<XtablesTable> originals)
    {
        string told = "";
        for (int i = originals.Count - 2; i >= 0; i--)
        {
            try
            {
                using var editor = XtablesTableEditor.Open(_options.Family, originals[i].Name, _lock!);
                editor.CopyFrom(originals[i]);
                editor.Commit();
                told += $", and so is {originals[i].Name} again";
            }
            catch (XtablesException e)
            {
                told += $"; {originals[i].Name} is changed and cannot be put back: {e.Message}";
            }
        }

        return told;
    }

    private IptablesFailure Failed(int line, string reason, int exitCode) =>
        new($"{Where(line)} failed: {reason}", exitCode);

    private string Where(int line) => $"{(_options.File is { } file ? $"{file}: " : "")}line {line}";
}

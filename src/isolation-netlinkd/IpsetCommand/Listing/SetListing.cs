using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>Prints sets as they are read: in which form, sorted or not, and says which of them it cannot show.</summary>
internal sealed class SetListing
{
    private readonly OutputBuffer _output;
    private readonly TextWriter _error;
    private readonly SetPrinter _printer;
    private readonly IpsetSettings _settings;
    private readonly SortedLines _sorted = new();
    private bool _isInSet;
    private bool _isSorting;

    /// <summary>Makes one.</summary>
    /// <param name="settings">How; the mode is no longer <see cref="OutputMode.Default"/>.</param>
    /// <param name="output">Where sets go.</param>
    /// <param name="error">Where it says what is not printed.</param>
    public SetListing(IpsetSettings settings, Stream output, TextWriter error)
    {
        _settings = settings;
        _output = new OutputBuffer(output);
        _error = error;
        var entries = new EntryText(settings.Resolve);
        _printer = settings.Mode switch
        {
            OutputMode.Save => new SavePrinter(_output, entries),
            _ when settings.NamesOnly => new NamePrinter(_output, settings.Mode == OutputMode.Xml),
            OutputMode.Xml => new XmlPrinter(_output, entries, settings.HeadersOnly),
            _ => new PlainPrinter(_output, entries, settings.HeadersOnly),
        };
    }

    /// <summary>Before the first set.</summary>
    public void Begin() => _printer.Begin();

    /// <summary>Begins the next set.</summary>
    public void BeginSet(IpsetInfo info)
    {
        EndSet();
        _printer.BeginSet(info);
        _isInSet = true;
        _isSorting = _settings.Sorted && info.TypeName.StartsWith("hash:", StringComparison.Ordinal);
        if (info.Type is null)
        {
            Warn(info, $"the type {info.TypeName}, which is not supported by this program: its entries are not shown");
        }
        else if (_settings.Mode == OutputMode.Save && !IpsetName.IsValid(info.Name))
        {
            Warn(info, "a name that is not supported by this program: it is saved as a comment");
        }
    }

    /// <summary>Prints an entry of the present set, or keeps it to be sorted.</summary>
    public void AddEntry(in IpsetEntry entry)
    {
        if (_isSorting)
        {
            _sorted.Add(_printer.FormatEntry(entry, _sorted.Reserve(SetPrinter.MaxEntryLength)));
        }
        else
        {
            _output.Advance(_printer.FormatEntry(entry, _output.Reserve(SetPrinter.MaxEntryLength)));
        }
    }

    /// <summary>After the last set: prints what is still held back.</summary>
    public void End()
    {
        EndSet();
        _printer.End();
        _output.Flush();
    }

    private void EndSet()
    {
        if (_isInSet)
        {
            if (_isSorting)
            {
                _sorted.Print(_output, _printer.EntryOffset, isBytewise: _settings.Resolve);
            }

            _printer.EndSet();
            _isInSet = false;
        }
    }

    private void Warn(IpsetInfo info, string what) => _error.WriteLine($"{IpsetSession.Prefix}the set {SafeText.Name(info.Name)} has {what}");
}

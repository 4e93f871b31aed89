using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>Prints sets in one of the forms in which the ipset program does.</summary>
internal abstract class SetPrinter(OutputBuffer output)
{
    /// <summary>The most bytes that an entry takes with what a form puts around it.</summary>
    public const int MaxEntryLength = EntryText.MaxLength + 1024;

    /// <summary>Where the form goes.</summary>
    protected OutputBuffer Output { get; } = output;

    /// <summary>How many bytes of a line stand before an entry of the present set.</summary>
    public virtual int EntryOffset => 0;

    /// <summary>What stands before the first set.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>Begins a set.</summary>
    public abstract void BeginSet(IpsetInfo info);

    /// <summary>Writes the line of an entry into <paramref name="line"/> and returns its length.</summary>
    public virtual int FormatEntry(in IpsetEntry entry, Span<byte> line) => 0;

    /// <summary>Ends a set.</summary>
    public virtual void EndSet()
    {
    }

    /// <summary>What stands after the last set.</summary>
    public virtual void End()
    {
    }
}

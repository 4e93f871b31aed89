using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Policy;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Makes and fills sets that nothing refers to yet.</summary>
internal sealed partial class SetBuilder(IpsetClient ipset, ILogger logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>The names of the sets made so far, the last one on top; of one that failed it is there too, if the set may exist.</summary>
    public Stack<string> Made { get; } = new();

    /// <exception cref="NetlinkException">The kernel refused the set or an entry.</exception>
    public void Build(SetSpec set)
    {
        IpsetType type = PolicyEntries.TypeOf(set);
        bool isList = type == IpsetType.ListSet;
        IpsetCreateOptions options = isList
            ? new IpsetCreateOptions { ListSize = (uint)Math.Max(set.Count, 1), Comments = true }
            : OptionsFor(set) with { Revision = RevisionWithSeed(type, set) };
        try
        {
            ipset.Create(set.Name, type, isList ? NetfilterFamily.Unspecified : PolicyEntries.ToNetfilter(set.Family), options);
            Made.Push(set.Name);
        }
        catch (NetlinkReplyLostException)
        {
            // It may be there or not; a name that was taken before would have been an answer.
            Made.Push(set.Name);
            throw;
        }

        PolicyEntries.AddAll(ipset, set);
        LogMade(set.Name, set.TypeName, set.Count);
    }

    /// <summary>Room for a quarter more, so that the set can grow in place; a maximum by itself takes no memory.</summary>
    private static IpsetCreateOptions OptionsFor(SetSpec set)
    {
        IpsetCreateOptions options = IpsetCreateOptions.ForCount(set.Count);
        return options with { MaxElem = Math.Max(options.MaxElem!.Value, (uint)set.Count + ((uint)set.Count / 4)) };
    }

    // A large set is filled in the order of its buckets, for which the kernel must tell the seed of its hash.
    private byte? RevisionWithSeed(IpsetType type, SetSpec set) =>
        set.Count >= IpsetClient.FillInOrder && type.FirstRevision(IpsetFeature.InitVal) is { } revision
        && ipset.GetRevisions(type, PolicyEntries.ToNetfilter(set.Family)) is { } kernel && kernel.Maximum >= revision
            ? revision
            : null;

    [LoggerMessage(EventId = 2, Level = LogLevel.Debug, Message = "made {Set} ({Type}) with {Count} entries")]
    private partial void LogMade(string set, string type, int count);
}

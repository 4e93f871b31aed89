using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary><c>ipset list</c> and <c>ipset save</c>.</summary>
internal static class ListCommand
{
    private const int ENOENT = 2;

    /// <summary>Prints a set, or all of them.</summary>
    /// <param name="client">Where they are read.</param>
    /// <param name="verb">List or Save.</param>
    /// <param name="set">The set; null for all.</param>
    /// <param name="settings">How. The first command of a session settles the mode for later ones, as it does in the ipset program.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="error">Told what is not printed.</param>
    /// <exception cref="IpsetFailure">The kernel refused. What was not passed on to the output by then never is.</exception>
    public static void Run(IpsetClient client, IpsetVerb verb, string? set, IpsetSettings settings, Stream output, TextWriter error)
    {
        if (settings.Mode == OutputMode.Default)
        {
            settings.Mode = verb == IpsetVerb.Save ? OutputMode.Save : OutputMode.Plain;
        }

        // The kernel is asked for less only by list, and not in the form for restore, where entries are printed in any case.
        bool isSave = settings.Mode == OutputMode.Save;
        bool isBrief = !isSave && (settings.NamesOnly || (verb == IpsetVerb.List && settings.HeadersOnly));
        var listing = new SetListing(settings, output, isBrief || settings.Quiet ? TextWriter.Null : error);
        listing.Begin();
        try
        {
            Read(client, set, listing, isBrief);
        }
        catch (IpsetException e)
        {
            throw new IpsetFailure(IpsetMessages.For(verb, e.NativeError, isList: false));
        }

        listing.End();
    }

    private static void Read(IpsetClient client, string? set, SetListing listing, bool isBrief)
    {
        if (set is not null)
        {
            // No set that this program could have been told of has another name.
            IpsetInfo info = (IpsetName.IsValid(set) ? client.GetInfo(set) : null)
                ?? throw new IpsetFailure(IpsetMessages.For(IpsetVerb.List, ENOENT, isList: false));
            listing.BeginSet(info);
            if (!isBrief && info.Type is not null)
            {
                client.ReadEntries(set, listing.AddEntry);
            }
        }
        else if (isBrief)
        {
            foreach (IpsetInfo info in client.List())
            {
                listing.BeginSet(info);
            }
        }
        else
        {
            client.ReadAll(listing.BeginSet, listing.AddEntry);
        }
    }
}

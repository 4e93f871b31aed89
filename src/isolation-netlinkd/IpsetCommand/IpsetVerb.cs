namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>The commands of the ipset program.</summary>
internal enum IpsetVerb
{
    None,
    Create,
    Add,
    Delete,
    Test,
    Destroy,
    List,
    Save,
    Restore,
    Flush,
    Rename,
    Swap,
    Help,
    Version,
    Quit,
}

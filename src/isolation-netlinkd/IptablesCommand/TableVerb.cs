namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>The commands of iptables that change a table, and the one that only asks.</summary>
internal enum TableVerb
{
    None,
    Append,
    Insert,
    Replace,
    Delete,
    Check,
    DeleteNumber,
    Flush,
    Zero,
    NewChain,
    DeleteChain,
    RenameChain,
    Policy,
}

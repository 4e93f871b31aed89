namespace DcosIsolation.Policy;

/// <summary>How denied packets are logged before they are refused: <c>log-denied</c>.</summary>
/// <param name="Prefix">What a line of the log begins with: printable ASCII, possibly empty.</param>
/// <param name="Limit">How many packets each rule logs in a time, after a burst of 5.</param>
/// <param name="NflogGroup">The group of nfnetlink_log that gets the packets, or null for the kernel's log.</param>
public sealed record DeniedLog(string Prefix, PacketRate Limit, ushort? NflogGroup)
{
    /// <summary>The longest prefix in the kernel's log: the prefix of struct xt_log_info less its NUL.</summary>
    public const int MaxLogPrefix = 29;

    /// <summary>The longest prefix for a group: the prefix of struct xt_nflog_info less its NUL.</summary>
    public const int MaxNflogPrefix = 63;

    /// <summary>The match and the target as iptables-save prints them.</summary>
    public override string ToString()
    {
        // Words are not quoted (xtables.c, xtables_save_string).
        string prefix = Prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? Prefix : $"\"{Prefix}\"";
        string option = Prefix.Length == 0 ? "" : NflogGroup is null ? $" --log-prefix {prefix}" : $" --nflog-prefix {prefix}";
        string target = NflogGroup is null ? $"LOG{option}" : $"NFLOG{option}{(NflogGroup == 0 ? "" : $" --nflog-group {NflogGroup}")}";
        return $"-m limit --limit {Limit} -j {target}";
    }
}

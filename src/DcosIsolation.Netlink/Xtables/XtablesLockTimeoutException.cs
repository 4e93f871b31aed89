namespace DcosIsolation.Netlink.Xtables;

/// <summary>Another process held the xtables lock for the whole time that was allowed. Trying again later can help.</summary>
public sealed class XtablesLockTimeoutException : XtablesException
{
    internal XtablesLockTimeoutException(int errno, string message, string lockPath, int? holderPid, string? holderPath)
        : base("lock xtables", NetfilterFamily.Unspecified, errno, message)
    {
        LockPath = lockPath;
        HolderPid = holderPid;
        HolderPath = holderPath;
        CanRetry = true;
    }

    /// <summary>The lock file.</summary>
    public string LockPath { get; }

    /// <summary>
    /// The process that took the lock, or null if it could not be found: it may be in another PID namespace or gone by now.
    /// </summary>
    public int? HolderPid { get; }

    /// <summary>That process's program, or null if it could not be found.</summary>
    public string? HolderPath { get; }
}

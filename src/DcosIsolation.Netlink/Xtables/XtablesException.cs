using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Something about xtables failed. The message is one line: what was attempted, on what, why it failed, and what to do. Unless a member's
/// documentation says otherwise, nothing was changed.
/// </summary>
public class XtablesException : Exception
{
    internal XtablesException(string operation, NetfilterFamily family, int errno, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Operation = operation;
        Family = family;
        NativeError = errno;
        NetfilterMetrics.Failed(errno);
    }

    /// <summary>What was attempted, in two or three words: <c>open table</c>, <c>insert rule</c>, <c>commit</c>.</summary>
    public string Operation { get; }

    /// <summary>The errno, or 0 if no system call is to blame.</summary>
    public int NativeError { get; }

    /// <summary>The errno as a named value; a number without a name stays a number.</summary>
    public Errno Errno => (Errno)NativeError;

    /// <summary>
    /// Whether this machine has no tables of the family at all: the kernel was built or booted without them, or libiptc is not installed.
    /// </summary>
    public bool IsFamilyMissing { get; internal init; }

    /// <summary>The errno's C name, such as <c>EPERM</c>, or its number; empty if there is none.</summary>
    public string ErrnoName => ErrnoText.NameOf(NativeError);

    /// <summary>The table's family, or <see cref="NetfilterFamily.Unspecified"/> if it is not about one.</summary>
    public NetfilterFamily Family { get; }

    /// <summary>The table, such as <c>filter</c>, or null if it is not about one.</summary>
    public string? Table { get; internal init; }

    /// <summary>The chain, or null if it is not about one.</summary>
    public string? Chain { get; internal init; }

    /// <summary>The rule's position in its chain, counted from 0, or null if it is not about one.</summary>
    public int? RuleIndex { get; internal init; }

    /// <summary>Whether the same call may succeed a little later, without anybody mending anything.</summary>
    public bool CanRetry { get; internal init; }

    /// <summary>The errno for a message: <c>Operation not permitted (EPERM)</c>.</summary>
    internal static string Explain(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} ({ErrnoText.NameOf(errno)})";
}

namespace DcosIsolation.Netlink;

/// <summary>The kernel refused a request, or the request could not be carried. The message says what was tried, on what, and why.</summary>
public class NetlinkException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="operation">What was tried, in words that continue "cannot …".</param>
    /// <param name="error">The error number, positive; also an ipset code from 4096 on.</param>
    /// <param name="reason">Why, and what to do, in words.</param>
    /// <param name="kernelMessage">The text of the kernel's extended ack, if it sent one.</param>
    /// <param name="kernelOffset">The byte of the request that the extended ack points at, if it does.</param>
    public NetlinkException(string operation, int error, string reason, string? kernelMessage = null, int? kernelOffset = null)
        : base(Describe(operation, reason, kernelMessage, kernelOffset))
    {
        Operation = operation;
        NativeError = error;
        KernelMessage = kernelMessage;
        KernelOffset = kernelOffset;
        NetfilterMetrics.Failed(error);
    }

    /// <summary>What was tried, such as <c>create the set dcos-net-hr</c>.</summary>
    public string Operation { get; }

    /// <summary>The error number as the kernel sent it, positive.</summary>
    public int NativeError { get; }

    /// <summary>The error number as a named value; a number without a name stays a number.</summary>
    public Errno Errno => (Errno)NativeError;

    /// <summary>The text of the kernel's extended ack (NLMSGERR_ATTR_MSG), or null.</summary>
    public string? KernelMessage { get; }

    /// <summary>The offset in the request, in bytes, that the kernel objects to (NLMSGERR_ATTR_OFFS), or null.</summary>
    public int? KernelOffset { get; }

    /// <summary>Whether the same request can succeed later with nothing changed by the caller.</summary>
    public virtual bool CanRetry => Errno is Errno.TryAgain or Errno.Busy or Errno.Interrupted or Errno.TimedOut or Errno.NoBufferSpace;

    private static string Describe(string operation, string reason, string? kernelMessage, int? kernelOffset)
    {
        string at = kernelOffset is null ? "" : $" (at byte {kernelOffset} of the request)";
        string said = kernelMessage is null ? "" : $"; the kernel says: {kernelMessage}{at}";
        return $"cannot {operation}: {reason}{said}";
    }
}

/// <summary>
/// Replies were lost: the receive buffer overflowed (ENOBUFS), or no answer came before the deadline. What the kernel did is unknown;
/// read it back.
/// </summary>
public sealed class NetlinkReplyLostException : NetlinkException
{
    /// <summary>Makes the exception.</summary>
    public NetlinkReplyLostException(string operation, Errno error, string reason)
        : base(operation, (int)error, reason)
    {
    }

    internal static NetlinkReplyLostException For(Errno error) => new("receive the kernel's answer", error, ErrnoText.Of((int)error));
}

/// <summary>Bytes that should be a netlink message are not: too short, a length that does not fit, a value of the wrong size.</summary>
public sealed class NetlinkFormatException : Exception
{
    /// <summary>Makes the exception.</summary>
    public NetlinkFormatException(string message)
        : base(message)
    {
    }
}

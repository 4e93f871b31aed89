using System.Runtime.ExceptionServices;
using Xunit;
using static Tmds.Linux.LibC;

namespace DcosIsolation.KernelTests;

/// <summary>Runs a test's body in a network namespace of its own, or skips the test where that is not allowed.</summary>
internal static class NewNamespace
{
    /// <summary>
    /// Runs <paramref name="body"/> on a thread that ends with it, and the namespace with the thread. Its exceptions come out here.
    /// </summary>
    public static void Run(Action body)
    {
        bool allowed = true;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                allowed = unshare(CLONE_NEWNET) == 0;
                if (allowed)
                {
                    body();
                }
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        Skip.IfNot(allowed, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN for a network namespace of its own");
        failure?.Throw();
    }
}

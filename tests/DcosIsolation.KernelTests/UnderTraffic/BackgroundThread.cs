using System.Runtime.ExceptionServices;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>A thread whose exception comes out of <see cref="Join"/>.</summary>
internal sealed class BackgroundThread : IDisposable
{
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;

    public BackgroundThread(Action action)
    {
        _thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        _thread.Start();
    }

    public bool IsRunning => _thread.IsAlive;

    public void Join()
    {
        _thread.Join();
        _failure?.Throw();
    }

    public void Dispose() => _thread.Join();
}

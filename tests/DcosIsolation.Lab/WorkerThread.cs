using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace DcosIsolation.Lab;

/// <summary>
/// A thread that may enter namespaces, unlike those of the thread pool, which others use. Kept for reuse: in UML a new one costs 10 ms.
/// </summary>
internal sealed class WorkerThread : IDisposable
{
    private static readonly ConcurrentBag<WorkerThread> Idle = [];

    private readonly SemaphoreSlim _start = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private Action _action = () => { };
    private ExceptionDispatchInfo? _failure;

    private WorkerThread() => new Thread(Loop) { IsBackground = true, Name = "namespaces" }.Start();

    /// <summary>Calls <paramref name="action"/> on such a thread, and waits for it.</summary>
    public static void Run(Action action)
    {
        WorkerThread worker = Idle.TryTake(out WorkerThread? idle) ? idle : new WorkerThread();
        worker._action = action;
        worker._start.Release();
        worker._done.Wait();
        ExceptionDispatchInfo? failure = worker._failure;
        (worker._action, worker._failure) = (() => { }, null);
        Idle.Add(worker);
        failure?.Throw();
    }

    public void Dispose()
    {
        _start.Dispose();
        _done.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            _start.Wait();
            try
            {
                _action();
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            _done.Release();
        }
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DcosIsolation.Daemon.Commands;

/// <summary>Ctrl-C, SIGTERM and SIGHUP, which as long as this lives end a wait and not the process.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly ManualResetEventSlim _stopped = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop),
    ];

    /// <summary>Waits until a signal comes or the time, by a clock that nobody sets, is over.</summary>
    public void Wait(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan left = time; left > TimeSpan.Zero && !_stopped.Wait(left); left = time - Stopwatch.GetElapsedTime(start))
        {
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stopped.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stopped.Set();
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Running;

/// <summary>SIGTERM and SIGINT, which end the daemon, and SIGHUP, which has it read its policy again.</summary>
internal sealed class DaemonSignals : IDisposable
{
    // What is under way then, a kill at any point of which the next start cleans up after, is not waited for.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);

    private readonly CancellationTokenSource _stop = new();
    private readonly SafeFileHandle _event;
    private readonly PosixSignalRegistration[] _registrations;
    private volatile bool _reload;

    public DaemonSignals()
    {
        _event = new SafeFileHandle(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), ownsHandle: true);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload),
        ];
    }

    /// <summary>Cancelled when the daemon shall end.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Whether a reload was asked for since this was asked last.</summary>
    public bool TakeReload()
    {
        bool reload = _reload;
        _reload = false;
        return reload;
    }

    /// <summary>Waits until a signal comes, something can be read from another descriptor, or the time is over.</summary>
    /// <param name="other">The other descriptor, or null.</param>
    /// <param name="time">How long at most.</param>
    /// <returns>Whether something can be read from the other descriptor.</returns>
    public unsafe bool Wait(SafeFileHandle? other, TimeSpan time)
    {
        pollfd* descriptors = stackalloc pollfd[2];
        descriptors[0] = new pollfd { fd = (int)_event.DangerousGetHandle(), events = POLLIN };
        descriptors[1] = new pollfd { fd = other is null ? -1 : (int)other.DangerousGetHandle(), events = POLLIN };
        long microseconds = Math.Max(0, (long)time.TotalMicroseconds);
        timespec timeout = default;
        timeout.tv_sec = microseconds / 1_000_000;
        timeout.tv_nsec = (int)(microseconds % 1_000_000 * 1000);
        if (ppoll(descriptors, 2, &timeout, null) <= 0)
        {
            return false;
        }

        ulong count;
        _ = read((int)_event.DangerousGetHandle(), &count, sizeof(ulong));
        return descriptors[1].revents != 0;
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _event.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop.Cancel();
        Wake();
        new Thread(EndLate) { IsBackground = true }.Start();
    }

    private static void EndLate()
    {
        Thread.Sleep(s_patience);
        _exit(0);
    }

    private void Reload(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _reload = true;
        Wake();
    }

    private unsafe void Wake()
    {
        ulong one = 1;
        _ = write((int)_event.DangerousGetHandle(), &one, sizeof(ulong));
    }
}

using System.Diagnostics;
using DcosIsolation.Lab;
using DcosIsolation.Policy.Tests;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>What must become of a probe.</summary>
internal enum Fate
{
    Passes,
    IsRefused,

    /// <summary>The policies in question disagree.</summary>
    Either,
}

/// <summary>
/// Sends probes of all kinds in turns, a window at a time, and compares the fate of each with what it must be. A window is over when all
/// have come that must: what has not come after the deadline, although the kernel has lost nothing, was refused.
/// </summary>
internal sealed class Checker : IDisposable
{
    /// <summary>Probes in one window: fewer than any queue on the way holds.</summary>
    public const int Window = PacketSocket.MaxFrames;

    private const int MostDescribed = 10;

    // As long as a busy machine may take; nobody waits unless a verdict is wrong.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(50);

    private readonly TrafficNetwork _network;
    private readonly Packet[] _packets;
    private readonly ProbeFrame[] _frames;
    private readonly PacketSocket _sender;
    private readonly PacketSocket _receiver;
    private readonly uint _run = (uint)Random.Shared.Next();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<string> _wrong = [];
    private readonly int[] _kinds = new int[Window];
    private readonly bool[] _arrived = new bool[Window];
    private Fate[] _fates = [];
    private uint _windowStart;
    private int _awaited;
    private long _sent;
    private int _wrongCount;

    public Checker(TrafficNetwork network, Packet[] packets)
    {
        (_network, _packets) = (network, packets);
        _frames = [.. packets.Select((packet, kind) => new ProbeFrame(packet, TrafficNetwork.NodeAddress, _run, kind))];
        _sender = PacketSocket.Open(network.Sender.Namespace, "eth0", receives: false);
        _receiver = PacketSocket.Open(network.Receiver.Namespace, "eth0", receives: true);
    }

    /// <summary>Says what is going on, for the description of a wrong verdict.</summary>
    public Func<string> Situation { get; set; } = () => "";

    /// <summary>Probes sent; any thread may ask.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Wrong verdicts; any thread may ask.</summary>
    public int Wrong => Volatile.Read(ref _wrongCount);

    /// <summary>How many probes of a fate were sent, and how many of these came; not to be asked while checking.</summary>
    public Dictionary<Fate, (long Sent, long Arrived)> Counts { get; } =
        Enum.GetValues<Fate>().ToDictionary(fate => fate, _ => (0L, 0L));

    /// <summary>The first wrong verdicts, described.</summary>
    public string Description => $"{_wrongCount} wrong verdicts:\n{string.Join('\n', _wrong)}";

    /// <summary>Sends window after window until it is told to end, and waits for what is still on its way.</summary>
    /// <param name="fates">What must become of the probes of each kind.</param>
    /// <param name="next">Asked before each window: whether there is to be another one.</param>
    public void Check(Fate[] fates, Func<bool> next)
    {
        _fates = fates;
        int kind = 0;
        string before = Situation();
        while (next())
        {
            before = Situation();
            SendWindow(ref kind);
            AwaitWindow(before);
        }

        for (long start = _clock.ElapsedMilliseconds; _clock.ElapsedMilliseconds - start < s_silence.TotalMilliseconds;)
        {
            if (Receive(before, s_silence) > 0)
            {
                start = _clock.ElapsedMilliseconds;
            }
        }
    }

    /// <summary>Checks every kind once at least.</summary>
    public void CheckAll(Fate[] fates)
    {
        int left = (fates.Length + Window - 1) / Window;
        Check(fates, () => left-- > 0);
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    private void SendWindow(ref int kind)
    {
        _windowStart += Window;
        _awaited = 0;
        Array.Clear(_arrived);
        for (int i = 0; i < Window; i++)
        {
            _sender.Set(i, _frames[kind].Stamp(_windowStart + (uint)i));
            _kinds[i] = kind;
            _awaited += _fates[kind] == Fate.Passes ? 1 : 0;
            Counts[_fates[kind]] = Counts[_fates[kind]] with { Sent = Counts[_fates[kind]].Sent + 1 };
            kind = (kind + 1) % _frames.Length;
        }

        _sender.Send(Window);
        Interlocked.Add(ref _sent, Window);
    }

    private void AwaitWindow(string before)
    {
        TimeSpan end = _clock.Elapsed + s_deadline;
        // The last look is one for what needs not come, but is there.
        while (Receive(before, _awaited > 0 ? end - _clock.Elapsed : TimeSpan.Zero) > 0 || (_awaited > 0 && _clock.Elapsed < end))
        {
        }

        if (_awaited == 0)
        {
            return;
        }

        if (_network.Lost + _receiver.Dropped is > 0 and var lost)
        {
            throw new InvalidOperationException($"the kernel lost {lost} packets on their way, so that nothing is proven; {before}");
        }

        for (int i = 0; i < Window; i++)
        {
            if (_fates[_kinds[i]] == Fate.Passes && !_arrived[i])
            {
                Report(_kinds[i], "was refused", before);
            }
        }
    }

    private int Receive(string before, TimeSpan wait)
    {
        int count = _receiver.Receive((int)Math.Max(wait.TotalMilliseconds, 0));
        for (int i = 0; i < count; i++)
        {
            if (ProbeFrame.TryReadTag(_receiver.Frame(i), _run, out int kind, out uint sequence))
            {
                Arrive(kind, sequence, before);
            }
        }

        return count;
    }

    private void Arrive(int kind, uint sequence, string before)
    {
        Fate fate = _fates[kind];
        Counts[fate] = Counts[fate] with { Arrived = Counts[fate].Arrived + 1 };
        uint index = sequence - _windowStart;
        bool isNew = index < Window && !_arrived[index];
        if (isNew)
        {
            _arrived[index] = true;
        }

        switch (fate)
        {
            case Fate.IsRefused:
                Report(kind, "passed", before);
                break;
            case Fate.Passes when isNew:
                _awaited--;
                break;
            case Fate.Passes:
                Report(kind, $"came late or twice (number {sequence})", before);
                break;
        }
    }

    private void Report(int kind, string what, string before)
    {
        Interlocked.Increment(ref _wrongCount);
        if (_wrong.Count < MostDescribed)
        {
            _wrong.Add($"{_clock.Elapsed.TotalSeconds:0.000} s: {Text(_packets[kind])} {what}; sent: {before}; now: {Situation()}");
        }
    }

    private static string Text(Packet packet) =>
        $"{new Policy.Prefix(packet.Family, packet.Source, packet.Family == Policy.Family.Inet ? 32 : 128).Address} > "
        + $"{new Policy.Prefix(packet.Family, packet.Destination, packet.Family == Policy.Family.Inet ? 32 : 128).Address} "
        + $"{packet.Port}/{(packet.Protocol == 6 ? "tcp" : "udp")}";
}

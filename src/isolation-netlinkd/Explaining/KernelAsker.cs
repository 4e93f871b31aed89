using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Explaining;

/// <summary>
/// Asks the kernel questions. The rules, and which sets are members of lists, are read once, and again when a set is gone because somebody
/// switched to other rules; what the sets hold is asked each time.
/// </summary>
internal sealed class KernelAsker : IDisposable
{
    private const int Attempts = 5;

    private readonly IpsetClient _ipset;
    private readonly bool _keepsSteps;
    private SetTester _sets = null!;
    private KernelFilter _inet = null!;
    private KernelFilter _inet6 = null!;
    private KernelWalk _walkInet = null!;
    private KernelWalk _walkInet6 = null!;

    /// <param name="ipset">The client, which is disposed with this.</param>
    /// <param name="keepsSteps">Whether every rule that is met is told.</param>
    public KernelAsker(IpsetClient ipset, bool keepsSteps)
    {
        (_ipset, _keepsSteps) = (ipset, keepsSteps);
        Read();
    }

    /// <summary>What is in force of a family.</summary>
    public KernelFilter Filter(Family family) => family == Family.Inet ? _inet : _inet6;

    /// <summary>Asks what becomes of a packet.</summary>
    /// <exception cref="NetlinkException">A set could not be asked.</exception>
    /// <exception cref="InvalidOperationException">The sets change all the time.</exception>
    public KernelRuling Ask(Question question)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                return (question.Family == Family.Inet ? _walkInet : _walkInet6).Ask(question);
            }
            catch (IpsetException e) when (e.Errno == Errno.NoEntry)
            {
                Read();
            }
        }

        throw new InvalidOperationException($"the sets changed while they were asked, {Attempts} times in a row; try again");
    }

    /// <summary>The names of the networks in force that hold an address.</summary>
    public IReadOnlyList<string> NetworksOf(Question question, bool isSource) => _sets.NetworksOf(question, isSource);

    public void Dispose() => _ipset.Dispose();

    private void Read()
    {
        IReadOnlyList<IpsetInfo> sets = _ipset.List();
        _sets = new SetTester(_ipset, sets);
        (_inet, _inet6) = (KernelFilter.Read(Family.Inet, sets), KernelFilter.Read(Family.Inet6, sets));
        _walkInet = new KernelWalk(_inet, _sets, _keepsSteps);
        _walkInet6 = new KernelWalk(_inet6, _sets, _keepsSteps);
    }
}

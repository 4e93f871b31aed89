using System.Text;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>The sets that a session has met, so that the lines of a restore need not ask the kernel.</summary>
internal sealed class SetCache
{
    private readonly Dictionary<string, KnownSet> _sets = new(StringComparer.Ordinal);
    private KnownSet? _last;

    /// <summary>A set, or null when it has not been met since sets were last renamed, swapped or destroyed.</summary>
    public KnownSet? Find(ReadOnlySpan<byte> name)
    {
        // Nearly always the set of the line before.
        if (_last is not null && name.SequenceEqual(_last.NameUtf8))
        {
            return _last;
        }

        return _sets.TryGetValue(Encoding.UTF8.GetString(name), out KnownSet? known) ? _last = known : null;
    }

    public KnownSet Add(KnownSet set) => _last = _sets[set.Name] = set;

    public void Clear()
    {
        _sets.Clear();
        _last = null;
    }
}

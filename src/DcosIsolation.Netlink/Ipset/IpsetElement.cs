using System.Runtime.CompilerServices;
using System.Text;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// What an operator writes for an entry, such as <c>10.0.0.0-10.0.3.255,tcp:80-82,192.168.0.0/24</c>: one entry, or, with ranges, many.
/// </summary>
public readonly record struct IpsetElement
{
    private readonly uint? _firstEnd;
    private readonly uint? _secondEnd;
    private readonly ushort? _lastPort;

    // Inlined, an entry of many fields is made where it is to be.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal IpsetElement(in IpsetEntry entry, uint? firstEnd = null, ushort? lastPort = null, uint? secondEnd = null)
    {
        Entry = entry;
        _firstEnd = firstEnd;
        _lastPort = lastPort;
        _secondEnd = secondEnd;
    }

    /// <summary>The entry; the first of them where there are many. Options given to it with <c>with</c> are every entry's.</summary>
    public IpsetEntry Entry { get; init; }

    /// <summary>Whether the element is one entry.</summary>
    public bool IsSingle => (!HasAddressRange && !HasPortRange) || HasOneEntry();

    /// <summary>Whether a range of addresses was written, FROM-TO, be it of one address.</summary>
    public bool HasAddressRange => _firstEnd is not null || _secondEnd is not null;

    /// <summary>Whether a range of ports was written, be it of one port.</summary>
    public bool HasPortRange => _lastPort is not null;

    /// <summary>
    /// Whether a range of all IPv4 addresses was written, which the kernel refuses with error 4357 (IPSET_ERR_HASH_RANGE). Its entries
    /// are the two halves, which the kernel would take.
    /// </summary>
    public bool CoversEveryAddress => Covers(Entry.First, _firstEnd) || Covers(Entry.Second, _secondEnd);

    /// <summary>Reads the text of an element, as version 7.17 of the ipset program does.</summary>
    /// <param name="type">The type of the set.</param>
    /// <param name="family">The family of the set; Unspecified for list:set.</param>
    /// <param name="text">The text, in UTF-8.</param>
    /// <exception cref="FormatException">
    /// The text is no element of a set of that type and family. The message is what the ipset program says after its name and version,
    /// and may have several lines.
    /// </exception>
    /// <remarks>
    /// What is no number is looked up as the name of a host, protocol or service; a host's may be asked of a DNS server, and take as long
    /// as that does. Numbers and IPv4 addresses are read without an allocation.
    /// </remarks>
    public static IpsetElement Parse(IpsetType type, NetfilterFamily family, ReadOnlySpan<byte> text) =>
        IpsetElementParser.Parse(type, family, text);

    /// <inheritdoc cref="Parse(IpsetType, NetfilterFamily, ReadOnlySpan{byte})"/>
    /// <param name="type">The type of the set.</param>
    /// <param name="family">The family of the set; Unspecified for list:set.</param>
    /// <param name="text">The text.</param>
    public static IpsetElement Parse(IpsetType type, NetfilterFamily family, ReadOnlySpan<char> text)
    {
        const int Short = 256;
        int length = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> utf8 = length <= Short ? stackalloc byte[Short] : new byte[length];
        return Parse(type, family, utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    /// <summary>
    /// Every entry, in the kernel's order: for each prefix of the first range, for each port, each prefix of the second range. A range of
    /// addresses is cut into the fewest prefixes, as the kernel does. Only of a range of more than half of all addresses, where the kernel
    /// may make millions of hosts (ip_set_range_to_cidr in pfxlen.c compares modulo 2³²), it makes tens of prefixes still.
    /// </summary>
    public Enumerator GetEnumerator() => new(this);

    private bool HasOneEntry()
    {
        Enumerator entries = GetEnumerator();
        return entries.MoveNext() && !entries.MoveNext();
    }

    private static bool Covers(IpsetPrefix first, uint? end) => end == uint.MaxValue && first.Ipv4 == 0;

    /// <summary>Goes through the entries of an element.</summary>
    public struct Enumerator
    {
        private readonly IpsetElement _element;
        private IpsetPrefix _first;
        private IpsetPrefix _second;
        private ushort _port;
        private bool _started;

        internal Enumerator(in IpsetElement element)
        {
            _element = element;
            _first = element.Entry.First;
            _second = element.Entry.Second;
            _port = element.Entry.Port;
        }

        /// <summary>The entry.</summary>
        public readonly IpsetEntry Current => _element.Entry with { First = _first, Port = _port, Second = _second };

        /// <summary>Goes on to the next entry, if there is one.</summary>
        public bool MoveNext()
        {
            if (!_started || IpsetAddressRange.Next(ref _second, _element._secondEnd))
            {
                _started = true;
                return true;
            }

            _second = _element.Entry.Second;
            if (_port < _element._lastPort)
            {
                _port++;
                return true;
            }

            _port = _element.Entry.Port;
            return IpsetAddressRange.Next(ref _first, _element._firstEnd);
        }
    }
}

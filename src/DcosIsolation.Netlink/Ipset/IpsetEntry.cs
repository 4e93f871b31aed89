using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>An entry of a set of any type that the library speaks, in either family, with its options. Immutable.</summary>
/// <remarks>
/// An option that the set was not created for is refused by the kernel. Read back, an option is null where the set does not have it.
/// </remarks>
public readonly record struct IpsetEntry : IIpsetEntry
{
    /// <summary>The most bytes that <see cref="TryFormat"/> and <see cref="TryFormatKey"/> write.</summary>
    public const int MaxTextLength = IpsetEntryText.MaxLength;

    // Packed by hand, with what is given as bits: bulk work copies millions of these.
    private readonly ulong _packets;
    private readonly ulong _bytes;
    private readonly string? _reference;
    private readonly IpsetSkbMark _mark;
    private readonly uint _timeout;
    private readonly uint _priority;
    private readonly ushort _queue;
    private readonly Given _given;

    [Flags]
    private enum Given : ushort
    {
        None = 0,
        Before = 1 << 0,
        After = 1 << 1,
        Timeout = 1 << 2,
        Packets = 1 << 3,
        Bytes = 1 << 4,
        SkbMark = 1 << 5,
        SkbPriority = 1 << 6,
        SkbQueue = 1 << 7,
        NoMatch = 1 << 8,
        Other = 1 << 9,
    }

    /// <summary>The set type that the entry belongs to.</summary>
    public IpsetType Type { get; internal init; }

    /// <summary>The prefix, the first of the two in a pair. Without meaning in a list:set.</summary>
    public IpsetPrefix First { get; internal init; }

    /// <summary>The second prefix of hash:net,net and hash:net,port,net.</summary>
    public IpsetPrefix Second { get; internal init; }

    /// <summary>The IP protocol number of hash:net,port,net.</summary>
    public byte Protocol { get; internal init; }

    /// <summary>The port of hash:net,port,net; for ICMP and ICMPv6 the type in the high byte and the code in the low one.</summary>
    public ushort Port { get; internal init; }

    /// <summary>The member's name, in a list:set.</summary>
    public string? Member { get; internal init; }

    /// <summary>
    /// In a list:set: the member before which this one goes, or is; not together with <see cref="After"/>. The kernel does not tell it when
    /// the set is read.
    /// </summary>
    public string? Before
    {
        get => Has(Given.Before) ? _reference : null;
        init => (_reference, _given) = (value ?? (Has(Given.After) ? _reference : null), With(Given.Before, value is not null));
    }

    /// <summary>In a list:set: the member after which this one goes, or is. The kernel does not tell it when the set is read.</summary>
    public string? After
    {
        get => Has(Given.After) ? _reference : null;
        init => (_reference, _given) = (value ?? (Has(Given.Before) ? _reference : null), With(Given.After, value is not null));
    }

    /// <summary>
    /// For how many seconds the entry stays, 0 for ever, up to 2,147,483. Null: as the set says. Read back: the seconds that are left.
    /// </summary>
    public uint? Timeout
    {
        get => Has(Given.Timeout) ? _timeout : null;
        init => (_timeout, _given) = (value ?? 0, With(Given.Timeout, value is not null));
    }

    /// <summary>How many packets the entry has matched.</summary>
    public ulong? Packets
    {
        get => Has(Given.Packets) ? _packets : null;
        init => (_packets, _given) = (value ?? 0, With(Given.Packets, value is not null));
    }

    /// <summary>How many bytes those packets had.</summary>
    public ulong? Bytes
    {
        get => Has(Given.Bytes) ? _bytes : null;
        init => (_bytes, _given) = (value ?? 0, With(Given.Bytes, value is not null));
    }

    /// <summary>The mark that the SET target puts on a packet that matches.</summary>
    public IpsetSkbMark? SkbMark
    {
        get => Has(Given.SkbMark) ? _mark : null;
        init => (_mark, _given) = (value ?? default, With(Given.SkbMark, value is not null));
    }

    /// <summary>The priority that the SET target gives to it: the class of a queueing discipline, major number in the upper 16 bits.</summary>
    public uint? SkbPriority
    {
        get => Has(Given.SkbPriority) ? _priority : null;
        init => (_priority, _given) = (value ?? 0, With(Given.SkbPriority, value is not null));
    }

    /// <summary>The hardware queue that the SET target puts it into.</summary>
    public ushort? SkbQueue
    {
        get => Has(Given.SkbQueue) ? _queue : null;
        init => (_queue, _given) = (value ?? 0, With(Given.SkbQueue, value is not null));
    }

    /// <summary>The comment: at most 255 bytes, in a set created with comments. Null for none.</summary>
    public string? Comment { get; init; }

    /// <summary>Whether what the entry holds does not match, though a shorter prefix does (IPSET_FLAG_NOMATCH).</summary>
    public bool NoMatch
    {
        get => Has(Given.NoMatch);
        init => _given = With(Given.NoMatch, value);
    }

    /// <summary>Whether the kernel's entry had attributes that this type has no property for.</summary>
    public bool HasOtherAttributes
    {
        get => Has(Given.Other);
        internal init => _given = With(Given.Other, value);
    }

    /// <summary>Whether the entry has an option beside a comment.</summary>
    public bool HasOptions => _given != Given.None;

    internal bool HasBothPositions => Has(Given.Before) && Has(Given.After);

    /// <inheritdoc/>
    public static int MaxEncodedLength => IpsetEntryCodec.MaxLength;

    /// <summary>An entry of a hash:net.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IpsetEntry Net(IpsetPrefix prefix) => new() { Type = IpsetType.HashNet, First = prefix };

    /// <summary>An entry of a hash:net.</summary>
    public static IpsetEntry Net(IPNetwork network) => Net(IpsetPrefix.From(network));

    /// <summary>An entry of a hash:net,net.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IpsetEntry NetNet(IpsetPrefix first, IpsetPrefix second) =>
        new() { Type = IpsetType.HashNetNet, First = first, Second = second };

    /// <summary>An entry of a hash:net,net.</summary>
    public static IpsetEntry NetNet(IPNetwork first, IPNetwork second) => NetNet(IpsetPrefix.From(first), IpsetPrefix.From(second));

    /// <summary>An entry of a hash:net,port,net.</summary>
    /// <param name="first">The first prefix.</param>
    /// <param name="protocol">The IP protocol number.</param>
    /// <param name="port">The port, or ICMP type and code as in <see cref="Port"/>; 0 for protocols without ports.</param>
    /// <param name="second">The second prefix.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IpsetEntry NetPortNet(IpsetPrefix first, byte protocol, ushort port, IpsetPrefix second) =>
        new() { Type = IpsetType.HashNetPortNet, First = first, Protocol = protocol, Port = port, Second = second };

    /// <summary>An entry of a hash:net,port,net.</summary>
    public static IpsetEntry NetPortNet(IPNetwork first, byte protocol, ushort port, IPNetwork second) =>
        NetPortNet(IpsetPrefix.From(first), protocol, port, IpsetPrefix.From(second));

    /// <summary>A member of a list:set.</summary>
    /// <exception cref="ArgumentException">The name is no set name.</exception>
    public static IpsetEntry Set(string member)
    {
        IpsetName.Check(member);
        return new() { Type = IpsetType.ListSet, Member = member };
    }

    /// <summary>
    /// Writes the key of the entry, without options, as version 7.17 of the ipset program does when it reports a test. In a list:set that
    /// says "after" for <see cref="Before"/>, too.
    /// </summary>
    /// <param name="utf8">Where to write.</param>
    /// <param name="written">How many bytes were written.</param>
    /// <returns>Whether it fitted. It does into <see cref="MaxTextLength"/> bytes.</returns>
    public bool TryFormatKey(Span<byte> utf8, out int written) => IpsetEntryText.TryFormatKey(this, utf8, out written);

    /// <summary>
    /// Writes the entry as <c>ipset save</c> of version 7.17 prints it after the set's name; but a control character or a quote in a
    /// comment or a name becomes a question mark, so that no line can be forged. A protocol that libc knows has its name.
    /// </summary>
    /// <param name="utf8">Where to write.</param>
    /// <param name="written">How many bytes were written.</param>
    /// <returns>
    /// Whether it fitted. It does into <see cref="MaxTextLength"/> bytes, unless the comment is longer than the kernel takes.
    /// </returns>
    public bool TryFormat(Span<byte> utf8, out int written) => IpsetEntryText.TryFormat(this, utf8, out written);

    /// <summary>The entry as <see cref="TryFormat"/> writes it.</summary>
    public override string ToString()
    {
        Span<byte> text = stackalloc byte[MaxTextLength];
        int written;
        while (!TryFormat(text, out written))
        {
            text = new byte[text.Length * 2];
        }

        return Encoding.UTF8.GetString(text[..written]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The comment is too long, the member is to go both before and after another, or the name of that is no set name.
    /// </exception>
    public void WriteTo(ref NetlinkMessageWriter writer) => IpsetEntryCodec.Write(ref writer, this);

    /// <inheritdoc/>
    public IpsetEntry ToEntry() => this;

    /// <summary>Whether the entry has <paramref name="feature"/>.</summary>
    internal bool Uses(IpsetFeature feature) => feature switch
    {
        IpsetFeature.Timeout => Timeout is not null,
        IpsetFeature.NoMatch => NoMatch,
        IpsetFeature.Counters => Packets is not null || Bytes is not null,
        IpsetFeature.Comment => Comment is not null,
        IpsetFeature.SkbInfo => SkbMark is not null || SkbPriority is not null || SkbQueue is not null,
        IpsetFeature.Position => Before is not null || After is not null,
        _ => false,
    };

    private bool Has(Given option) => (_given & option) != 0;

    private Given With(Given option, bool isGiven) => isGiven ? _given | option : _given & ~option;
}

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>Reads what <see cref="StateWriter"/> wrote, and nothing else.</summary>
internal ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>What is added to the length of a prefix of IPv6.</summary>
    public const int Inet6Mark = 64;

    private ReadOnlySpan<byte> _left = bytes;

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public Guid Guid() => new(Take(16));

    public readonly void ExpectEnd()
    {
        if (!_left.IsEmpty)
        {
            throw Nonsense("there is more than belongs to it");
        }
    }

    public DesiredState State()
    {
        string digest = Text() ?? "";
        var families = ImmutableArray.CreateBuilder<FamilyState>();
        for (int left = Count(); left > 0; left--)
        {
            Family family = Family();
            var sets = ImmutableArray.CreateBuilder<SetSpec>();
            for (int setsLeft = Count(); setsLeft > 0; setsLeft--)
            {
                sets.Add(Set());
            }

            Rule jump = Rule();
            var chain = ImmutableArray.CreateBuilder<Rule>();
            for (int rulesLeft = Count(); rulesLeft > 0; rulesLeft--)
            {
                chain.Add(Rule());
            }

            families.Add(new FamilyState(family, sets.DrainToImmutable(), jump, chain.DrainToImmutable()));
        }

        return new DesiredState(digest, families.DrainToImmutable());
    }

    private SetSpec Set()
    {
        string? type = Text();
        string name = Text() ?? throw Nonsense("a set has no name");
        Family family = Family();
        int count = Count();
        switch (type)
        {
            case "hash:net":
                var nets = new Prefix[count];
                for (int i = 0; i < count; i++)
                {
                    nets[i] = Prefix();
                }

                return new NetSet(name, family, ImmutableCollectionsMarshal.AsImmutableArray(nets));
            case "hash:net,net":
                var pairs = new NetNetEntry[count];
                for (int i = 0; i < count; i++)
                {
                    pairs[i] = new NetNetEntry(Prefix(), Prefix());
                }

                return new NetNetSet(name, family, ImmutableCollectionsMarshal.AsImmutableArray(pairs));
            case "hash:net,port,net":
                var services = new NetPortNetEntry[count];
                for (int i = 0; i < count; i++)
                {
                    services[i] = new NetPortNetEntry(Prefix(), (Protocol)Byte(), Port(), Prefix());
                }

                return new NetPortNetSet(name, family, ImmutableCollectionsMarshal.AsImmutableArray(services));
            case "list:set":
                var members = new ListEntry[count];
                for (int i = 0; i < count; i++)
                {
                    members[i] = new ListEntry(Text() ?? throw Nonsense("a list's member has no name"), Text());
                }

                return new ListSet(name, family, ImmutableCollectionsMarshal.AsImmutableArray(members));
            default:
                throw Nonsense($"there is no set type '{type}'");
        }
    }

    private Rule Rule()
    {
        Prefix? source = OptionalPrefix();
        Prefix? destination = OptionalPrefix();
        byte protocol = Byte();
        ImmutableArray<Service> ports = Services();
        ImmutableArray<Service> sourcePorts = Services();
        var sets = ImmutableArray.CreateBuilder<SetMatch>();
        for (int left = Count(); left > 0; left--)
        {
            sets.Add(new SetMatch(Text() ?? throw Nonsense("a set has no name"), (SetDirections)Byte(), Flag()));
        }

        return new Rule
        {
            Source = source,
            Destination = destination,
            Protocol = protocol == 0 ? null : (Protocol)protocol,
            Ports = ports,
            SourcePorts = sourcePorts,
            Sets = sets.DrainToImmutable(),
            RelatedOrEstablished = Flag(),
            Comment = Text(),
            Text = Text(),
            Target = (RuleTarget)Byte(),
            Log = Flag() ? Log() : null,
        };
    }

    private DeniedLog Log() => new(
        Text() ?? "",
        PacketRate.OfInterval((uint)Int64()) ?? throw Nonsense("a rate is none"),
        Int32() is >= 0 and var group ? (ushort)group : null);

    private ImmutableArray<Service> Services()
    {
        var services = ImmutableArray.CreateBuilder<Service>();
        for (int left = Count(); left > 0; left--)
        {
            services.Add(new Service((Protocol)Byte(), Port(), Port(), OptionalByte(), OptionalByte()));
        }

        return services.DrainToImmutable();
    }

    private Prefix? OptionalPrefix() => Flag() ? Prefix() : null;

    private Prefix Prefix()
    {
        int length = Byte();
        bool isInet = length < Inet6Mark;
        Family family = isInet ? Policy.Family.Inet : Policy.Family.Inet6;
        length -= isInet ? 0 : Inet6Mark;
        return length > Policy.Prefix.MaxLength(family)
            ? throw Nonsense("a prefix is too long")
            : new Prefix(
                family,
                isInet ? (UInt128)BinaryPrimitives.ReadUInt32LittleEndian(Take(4)) << 96 : BinaryPrimitives.ReadUInt128LittleEndian(Take(16)),
                length);
    }

    private Family Family() => (Family)Byte() is (Policy.Family.Inet or Policy.Family.Inet6) and var family ? family : throw Nonsense("a family is none");

    private ushort Port() => Int32() is >= 0 and <= ushort.MaxValue and var port ? (ushort)port : throw Nonsense("a port is none");

    private byte? OptionalByte() => Int32() is >= 0 and <= byte.MaxValue and var value ? (byte)value : null;

    private bool Flag() => Byte() != 0;

    private string? Text() => Int32() is >= 0 and var length ? Encoding.UTF8.GetString(Take(length)) : null;

    /// <summary>A number of things each of which takes a byte at least.</summary>
    private int Count() => Int32() is >= 0 and var count && count <= _left.Length ? count : throw Nonsense("a number is too large");

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _left.Length)
        {
            throw Nonsense("it ends too early");
        }

        ReadOnlySpan<byte> taken = _left[..count];
        _left = _left[count..];
        return taken;
    }

    private static PendingFormatException Nonsense(string what) => new($"its content makes no sense: {what}");
}

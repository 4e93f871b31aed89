using System.Net;
using System.Text;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>Reads the words behind the type of a new set.</summary>
internal sealed class CreateOptionsReader
{
    private readonly HashSet<string> _given = [];

    private CreateOptionsReader(NetfilterFamily family) => Family = family;

    /// <summary>The family that was asked for, or the type's.</summary>
    public NetfilterFamily Family { get; private set; }

    /// <summary>The options.</summary>
    public IpsetCreateOptions Options { get; private set; } = new();

    /// <summary>Old options that do nothing any more, as they were written.</summary>
    public string? Ignored { get; private set; }

    /// <summary>Reads the words from <paramref name="start"/> on.</summary>
    /// <exception cref="IpsetFailure">They are no options of the type in this revision.</exception>
    public static CreateOptionsReader Read(IpsetType type, byte revision, Words words, int start)
    {
        var reader = new CreateOptionsReader(type == IpsetType.ListSet ? NetfilterFamily.Unspecified : NetfilterFamily.Inet);

        // The family first, wherever it stands: others depend on it. All words are looked at before any other value is.
        IpsetKeyword.Read(IpsetVerb.Create, type, revision, words, start, ref reader,
            static (keyword, value, ref reader) => reader.TakeFamily(keyword, value));
        IpsetKeyword.Read(IpsetVerb.Create, type, revision, words, start, ref reader,
            static (keyword, value, ref reader) => reader.TakeOther(keyword, value));
        reader.Options = reader.Options with { Revision = revision };
        return reader;
    }

    private void TakeFamily(IpsetKeyword keyword, ReadOnlySpan<byte> value)
    {
        if (keyword.Name is not ("family" or "-4" or "-6"))
        {
            return;
        }

        if (!_given.Add("family"))
        {
            throw new IpsetFailure($"Syntax error: {keyword.Name} already specified");
        }

        Family = Encoding.UTF8.GetString(value) switch
        {
            "inet" or "ipv4" or "-4" or "--4" => NetfilterFamily.Inet,
            "inet6" or "ipv6" or "-6" or "--6" => NetfilterFamily.Inet6,
            "any" or "unspec" => NetfilterFamily.Unspecified,
            string other => throw new IpsetFailure($"Syntax error: unknown inet family {other}"),
        };
    }

    private void TakeOther(IpsetKeyword keyword, ReadOnlySpan<byte> value)
    {
        if (keyword.Name is "family" or "-4" or "-6")
        {
            return;
        }

        if (keyword.HasValue && keyword.Name is not ("probes" or "resize") && !_given.Add(keyword.Name))
        {
            throw new IpsetFailure($"Syntax error: {keyword.Name} already specified");
        }

        Options = keyword.Name switch
        {
            "hashsize" => Options with { HashSize = (uint)IpsetNumber.Parse(value, uint.MaxValue) },
            "maxelem" => Options with { MaxElem = (uint)IpsetNumber.Parse(value, uint.MaxValue) },
            "size" => Options with { ListSize = (uint)IpsetNumber.Parse(value, uint.MaxValue) },
            "timeout" => Options with { Timeout = (uint)IpsetNumber.Parse(value, EntryOptionsReader.MaxTimeout) },
            "counters" => Options with { Counters = true },
            "comment" => Options with { Comments = true },
            "forceadd" => Options with { ForceAdd = true },
            "skbinfo" => Options with { SkbInfo = true },
            "bucketsize" => Options with { BucketSize = (byte)IpsetNumber.Parse(value, byte.MaxValue) },
            "initval" => Options with { InitVal = (uint)IpsetNumber.Parse(value, uint.MaxValue) },
            "netmask" => Options with { Netmask = Netmask(value) },
            "bitmask" => Options with { Bitmask = Bitmask(value) },
            _ => Ignore(keyword.Name, value),
        };
    }

    private byte Netmask(ReadOnlySpan<byte> value)
    {
        MutuallyExclusive("bitmask");
        uint longest = Family == NetfilterFamily.Inet6 ? 128u : 32u;
        uint length = (uint)IpsetNumber.Parse(value, byte.MaxValue);
        return length >= 1 && length <= longest
            ? (byte)length
            : throw new IpsetFailure($"Syntax error: netmask is out of the inclusive range of 1-{longest}");
    }

    private IPAddress Bitmask(ReadOnlySpan<byte> value)
    {
        MutuallyExclusive("netmask");
        bool isInet6 = Family == NetfilterFamily.Inet6;
        return IPAddress.TryParse(Encoding.UTF8.GetString(value), out IPAddress? mask)
            && mask.AddressFamily == (isInet6 ? System.Net.Sockets.AddressFamily.InterNetworkV6 : System.Net.Sockets.AddressFamily.InterNetwork)
            ? mask
            : throw new IpsetFailure($"Syntax error: bitmask is not valid for family = {(isInet6 ? "inet6" : "inet")}");
    }

    private void MutuallyExclusive(string other)
    {
        if (_given.Contains(other))
        {
            throw new IpsetFailure("Syntax error: bitmask and netmask are mutually exclusive, provide only one");
        }
    }

    private IpsetCreateOptions Ignore(string name, ReadOnlySpan<byte> value)
    {
        if (_given.Add(name))
        {
            Ignored += $"Option '--{name} {Encoding.UTF8.GetString(value)}' is ignored. Please upgrade your syntax.\n";
        }

        return Options;
    }
}

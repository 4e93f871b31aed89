using System.Globalization;
using System.Net;

namespace DcosIsolation.Policy.Tests;

/// <summary>
/// Makes policies from short text, without the reader: <c>new PolicyBuilder().Net("hr", "10.0.0.0/8").Allow("hr", "it", "80")</c>.
/// </summary>
internal sealed class PolicyBuilder
{
    private readonly List<Network> _networks = [];
    private readonly List<Clause> _allow = [];
    private readonly List<Clause> _deny = [];
    private readonly List<ExceptionPair> _exceptions = [];
    private readonly List<FailsafeItem> _failsafe = [];
    private DeniedLog? _log;
    private readonly List<OperatorRule> _first = [];
    private readonly List<OperatorRule> _last = [];
    private DefaultVerdict _default;
    private DenyMode _denyWith;

    public static PolicyBuilder HrIt() => new PolicyBuilder()
        .Net("hr", "192.168.0.0/16 fd00:1::/64")
        .Net("it", "10.250.0.0/16")
        .Allow("hr", "it", "80/tcp");

    public PolicyBuilder Net(string name, string prefixes, bool internalAllowed = true)
    {
        _networks.RemoveAll(network => network.Name == name);
        _networks.Add(new Network(name, [.. Words(prefixes).Select(Prefix).Order()], internalAllowed, At(_networks.Count)));
        return this;
    }

    public PolicyBuilder Allow(string from, string to, string services = "")
    {
        _allow.Add(Clause(from, to, services));
        return this;
    }

    public PolicyBuilder Deny(string from, string to, string services = "")
    {
        _deny.Add(Clause(from, to, services));
        return this;
    }

    public PolicyBuilder Except(string source, string destination)
    {
        _exceptions.Add(new ExceptionPair(Endpoint(source), Endpoint(destination), At(_exceptions.Count)));
        return this;
    }

    public PolicyBuilder Failsafe(string from, string to = "", string services = "")
    {
        _failsafe.Add(new FailsafeItem(
            [.. Words(from).Select(Prefix)],
            [.. Words(to).Select(Prefix)],
            [.. Words(services).Select(Service).Order()],
            At(_failsafe.Count)));
        return this;
    }

    public PolicyBuilder Log(string prefix = "", ushort? nflogGroup = null)
    {
        _log = new DeniedLog(prefix, PacketRate.Default, nflogGroup);
        return this;
    }

    public PolicyBuilder First(string words, params NetworkMatch[] networks)
    {
        _first.Add(Rule(words, networks));
        return this;
    }

    public PolicyBuilder Last(string words, params NetworkMatch[] networks)
    {
        _last.Add(Rule(words, networks));
        return this;
    }

    public PolicyBuilder AcceptByDefault()
    {
        _default = DefaultVerdict.Accept;
        return this;
    }

    public PolicyBuilder Drop()
    {
        _denyWith = DenyMode.Drop;
        return this;
    }

    public IsolationPolicy Build() => new(
        _default,
        _denyWith,
        [.. _networks.OrderBy(network => network.Name, StringComparer.Ordinal)],
        [.. _allow],
        [.. _deny],
        [.. _exceptions])
    {
        Failsafe = [.. _failsafe],
        LogDenied = _log,
        Rules = new OperatorRules([.. _first], [.. _last]),
    };

    public DesiredState Compile(KernelAbilities? abilities = null, string digest = "d1") =>
        PolicyCompiler.Compile(Build(), digest, abilities ?? KernelAbilities.All);

    public static Prefix Prefix(string text)
    {
        IPNetwork network = IPNetwork.Parse(text);
        return Policy.Prefix.From(network.BaseAddress, network.PrefixLength);
    }

    public static Service Service(string text)
    {
        string[] parts = text.Split('/');
        if (parts[0] is "icmp" or "icmpv6")
        {
            return new Service(
                parts[0] == "icmp" ? Protocol.Icmp : Protocol.IcmpV6,
                0,
                0,
                parts.Length > 1 ? byte.Parse(parts[1], CultureInfo.InvariantCulture) : null,
                parts.Length > 2 ? byte.Parse(parts[2], CultureInfo.InvariantCulture) : null);
        }

        ushort[] ports = [.. parts[0].Split('-').Select(port => ushort.Parse(port, CultureInfo.InvariantCulture))];
        return new Service(Enum.Parse<Protocol>(parts.ElementAtOrDefault(1) ?? "tcp", ignoreCase: true), ports[0], ports[^1]);
    }

    private static OperatorRule Rule(string words, NetworkMatch[] networks)
    {
        var text = new RuleText([.. networks], words, At(0));
        return new OperatorRule(text, text);
    }

    private static Clause Clause(string from, string to, string services) =>
        new([.. Words(from).Select(Endpoint)], [.. Words(to).Select(Endpoint)], [.. Words(services).Select(Service).Order()], At(0));

    private static Endpoint Endpoint(string text) =>
        text == "*" ? Policy.Endpoint.Any
        : text.Contains('/', StringComparison.Ordinal) ? Policy.Endpoint.Of(Prefix(text))
        : Policy.Endpoint.Of(text);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static SourceLocation At(int index) => new("policy.yaml", index + 1, 1);
}

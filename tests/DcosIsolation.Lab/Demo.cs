using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Spectre.Console;

namespace DcosIsolation.Lab;

/// <summary>
/// The HR/IT example on a node with two hosts of each network and one outside of both: who reaches whom before the policy, under it,
/// and after it is taken away.
/// </summary>
internal sealed class Demo : IDisposable
{
    private static readonly Traffic[] Kinds = [Traffic.Tcp(80), Traffic.Tcp(22), Traffic.Udp(53), Traffic.Icmp];
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    private readonly string _binary;
    private readonly string _policy;
    private readonly IAnsiConsole _console;
    private readonly TestNetwork _network = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private bool _agrees = true;

    public Demo(string binary, string policy)
    {
        (_binary, _policy) = (binary, policy);
        _console = AnsiConsole.Console;
        if (!IsTerminal)
        {
            _console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
            _console.Profile.Width = 140;
        }

        (string Name, string IPv4, string IPv6)[] hosts =
        [
            ("hr1", "192.168.1.10/24", "fd00:1::1:10/112"),
            ("hr2", "192.168.2.10/24", "fd00:1::2:10/112"),
            ("it1", "10.250.1.10/24", "fd00:2::1:10/112"),
            ("it2", "10.250.2.10/24", "fd00:2::2:10/112"),
            ("outside", "203.0.113.10/24", "2001:db8::10/64"),
        ];
        foreach ((string name, string ipv4, string ipv6) in hosts)
        {
            _network.AddHost(name, ipv4, ipv6).ListenTcp(80, 22).ListenUdp(53);
        }
    }

    private static bool IsTerminal => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");

    /// <summary>Whether everything was as expected.</summary>
    public bool Run()
    {
        Heading("Without a policy everybody reaches everybody");
        Table(Observe(), (_, _, _) => true, onlyWrong: true);

        Heading("isolation-netlinkd apply: hr may talk to it on 80/tcp, each network within itself, nothing else");
        Command(0, "apply", _policy);
        Table(Observe(), MayPass, onlyWrong: false);

        Heading("isolation-netlinkd show");
        Command(0, "show");

        Heading("A second apply finds nothing to do");
        ProgramResult second = Command(0, "apply", _policy);
        Check((second.Output + second.Error).Contains("nothing", StringComparison.OrdinalIgnoreCase), "the second apply says so");
        Command(0, "plan", _policy);

        Heading("isolation-netlinkd remove: everybody reaches everybody again");
        Command(0, "remove");
        Table(Observe(), (_, _, _) => true, onlyWrong: true);

        _console.WriteLine();
        Check(_agrees, $"expected and observed {(_agrees ? "agree" : "differ")} ({_clock.Elapsed.TotalSeconds:0.0} s)");
        return _agrees;
    }

    public void Dispose() => _network.Dispose();

    // What the example's policy says; an address outside of every network is never judged.
    private static bool MayPass(TestHost from, TestHost to, Traffic traffic) => (NetworkOf(from), NetworkOf(to)) switch
    {
        (null, _) or (_, null) => true,
        ("hr", "it") => traffic == Traffic.Tcp(80),
        var (source, destination) => source == destination,
    };

    private static string? NetworkOf(TestHost host) => host.Name switch
    {
        ['h', 'r', ..] => "hr",
        ['i', 't', ..] => "it",
        _ => null,
    };

    private ProbeResult[] Observe() => Probe.SendAll([
        .. from source in _network.Hosts
           from destination in _network.Hosts
           where source != destination
           from traffic in Kinds
           from family in Families
           select (source, destination.Address(family), traffic)]);

    private void Table(ProbeResult[] results, Func<TestHost, TestHost, Traffic, bool> mayPass, bool onlyWrong)
    {
        Table table = new Table().Border(IsTerminal ? TableBorder.Rounded : TableBorder.Ascii).AddColumns("from", "to");
        foreach (Traffic traffic in Kinds)
        {
            table.AddColumn($"{traffic}{(traffic == Traffic.Icmp ? ", icmpv6" : "")}");
        }

        table.AddColumns("expected", "agrees");
        Dictionary<IPAddress, TestHost> byAddress = _network.Hosts
            .SelectMany(host => Families.Select(family => (Address: host.Address(family), Host: host)))
            .ToDictionary(item => item.Address, item => item.Host);
        int wrong = 0;
        foreach (var pair in results.GroupBy(result => (result.From, To: byAddress[result.To])))
        {
            (TestHost from, TestHost to) = pair.Key;
            bool agrees = pair.All(result => result.Outcome == (mayPass(from, to, result.Traffic) ? Outcome.Reached : Outcome.Rejected));
            wrong += agrees ? 0 : 1;
            if (onlyWrong && agrees)
            {
                continue;
            }

            Traffic[] passing = [.. Kinds.Where(traffic => mayPass(from, to, traffic))];
            string expected = passing.Length == Kinds.Length ? "all" : passing.Length == 0 ? "none" : string.Join(", ", passing);
            IEnumerable<string> cells = Kinds.Select(traffic => Cell(pair.Where(result => result.Traffic == traffic)));
            table.AddRow([from.Name, to.Name, .. cells, expected, agrees ? "[green]yes[/]" : "[red]NO[/]"]);
        }

        if (table.Rows.Count > 0)
        {
            _console.Write(table);
        }

        int reached = results.Count(result => result.Outcome == Outcome.Reached);
        Check(wrong == 0, $"{reached} of {results.Length} probes reached their destination, over IPv4 and IPv6");
    }

    // One word where IPv4 and IPv6 fared alike.
    private static string Cell(IEnumerable<ProbeResult> families) => string.Join(" / ", families.Select(result => result.Outcome).Distinct()
        .Select(outcome => outcome == Outcome.Reached ? "[green]reached[/]" : $"[yellow]{outcome.ToString().ToLowerInvariant()}[/]"));

    private ProgramResult Command(int expected, params string[] arguments)
    {
        _console.MarkupLine($"[bold]$ isolation-netlinkd {Markup.Escape(string.Join(' ', arguments))}[/]");
        ProgramResult result = _network.Node.Exec(_binary, arguments);
        _console.Write(new Text(result.Output + result.Error));
        if (result.ExitCode != expected)
        {
            Check(false, $"exit status {result.ExitCode}");
        }

        return result;
    }

    private void Heading(string text)
    {
        _console.WriteLine();
        _console.MarkupLine($"[bold blue]== {Markup.Escape(text)}[/]");
    }

    private void Check(bool agrees, string what)
    {
        _agrees &= agrees;
        _console.MarkupLine($"{(agrees ? "[green]ok[/]" : "[red]NOT AS EXPECTED[/]")}: {Markup.Escape(what)}");
    }
}

using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// Takes the networks out of a rule's words, and refuses what cannot be a rule of the chain, whichever extensions are installed. The rest is
/// for iptables' extensions to judge.
/// </summary>
/// <param name="names">The names of the policy's networks, or null if they could not be read, so that every name must be believed.</param>
/// <param name="report">Gets what is wrong.</param>
internal sealed class RuleTextParser(IReadOnlySet<string>? names, Action<string> report)
{
    /// <summary>The longest text, in characters.</summary>
    public const int MaxLength = 2000;

    private const string Places = "a network can stand as @name after -s, -d and --match-set";

    private static readonly string[] s_source = ["-s", "--source", "--src"];
    private static readonly string[] s_destination = ["-d", "--destination", "--dst"];
    private static readonly string[] s_jumps = ["-j", "--jump", "-g", "--goto"];
    private static readonly string[] s_setOptions = ["--match-set", "--add-set", "--del-set", "--map-set"];
    private static readonly string[] s_freeText =
        ["--comment", "--log-prefix", "--nflog-prefix", "--ulog-prefix", "--string", "--hex-string"];

    private static readonly string[] s_builtIn = ["INPUT", "FORWARD", "OUTPUT", "PREROUTING", "POSTROUTING"];
    private static readonly string[] s_commands =
    [
        "--append", "--check", "--delete", "--insert", "--replace", "--list", "--list-rules", "--flush", "--zero", "--new-chain",
        "--delete-chain", "--rename-chain", "--table", "--set-counters", "--ipv4", "--ipv6",
    ];

    private readonly List<NetworkMatch> _networks = [];
    private readonly List<string> _rest = [];
    private List<string> _words = [];
    private int _next;
    private int _targets;

    /// <summary>The rule, or null after reporting why it is none.</summary>
    public RuleText? Parse(string text, SourceLocation location)
    {
        if (WhyNoLine(text) is { } wrong)
        {
            report(wrong);
            return null;
        }

        if (RuleWords.TrySplit(text, out string? error) is not { } words)
        {
            report(error!);
            return null;
        }

        _words = words;
        bool good = words.Count > 0;
        if (!good)
        {
            report("the rule is empty; expected what follows '-A chain' on a command line of iptables");
        }

        while (_next < _words.Count)
        {
            good &= ReadNext();
        }

        return good ? new RuleText([.. _networks], RuleWords.Join(_rest), location) : null;
    }

    private static string? WhyNoLine(string text)
    {
        int odd = text.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        while (odd >= 0 && text[odd] == '\t')
        {
            int next = text.AsSpan(odd + 1).IndexOfAnyExceptInRange(' ', '~');
            odd = next < 0 ? -1 : odd + 1 + next;
        }

        return text.Length > MaxLength ? $"the rule has {text.Length} characters; the most is {MaxLength}"
            : odd >= 0 ? $"the rule holds {Quoted.Text(text.AsSpan(odd, 1))}; expected one line of printable ASCII"
            : null;
    }

    /// <summary>One option with what belongs to it, as far as it matters here; false after reporting what is wrong.</summary>
    private bool ReadNext()
    {
        int at = _next;
        bool negated = _words[at] == "!" && at + 1 < _words.Count;
        string word = _words[negated ? at + 1 : at];
        int value = at + (negated ? 2 : 1);
        if (word is "-m" or "--match" && !negated && WordAt(value) == "set" && ReadSetMatch(value + 1) is { } isGood)
        {
            return isGood;
        }

        if ((s_source.Contains(word) || s_destination.Contains(word)) && WordAt(value).Contains('@'))
        {
            _next = value + 1;
            return AddNetwork(WordAt(value), s_source.Contains(word), negated);
        }

        for (_next = value; at < _next; at++)
        {
            _rest.Add(_words[at]);
        }

        return CheckOption(word);
    }

    /// <summary>What follows <c>-m set</c>; null if that asks no network.</summary>
    private bool? ReadSetMatch(int at)
    {
        bool negated = WordAt(at) == "!";
        int option = negated ? at + 1 : at;
        if (WordAt(option) != "--match-set" || !WordAt(option + 1).Contains('@'))
        {
            return null;
        }

        _next = Math.Min(option + 3, _words.Count);
        string directions = WordAt(option + 2);
        bool isGood = AddNetwork(WordAt(option + 1), directions == "src", negated);
        if (directions is "src" or "dst")
        {
            return isGood;
        }

        report($"--match-set {WordAt(option + 1)}: expected src or dst, found {Found(directions)}");
        return false;
    }

    private bool AddNetwork(string word, bool isSource, bool negated)
    {
        string name = word[1..];
        if (word[0] != '@' || name.Contains(',') || name.Contains('@'))
        {
            report($"{Quoted.Text(word)}: @name stands for one network, alone; write a rule for each");
            return false;
        }

        if (names is not null && !names.Contains(name))
        {
            report($"unknown network {Quoted.Text(word)}{Suggestion.For(name, names, "; it is not in 'networks'")}");
            return false;
        }

        _networks.Add(new NetworkMatch(name, isSource, negated));
        return true;
    }

    private bool CheckOption(string word)
    {
        if (s_freeText.Contains(word))
        {
            Take();
            return true;
        }

        if (s_setOptions.Contains(word) && KernelNames.IsOurs(WordAt(_next)))
        {
            report($"{word} {WordAt(_next)}: the set is the policy's own, and its name changes; {Places}");
            return false;
        }

        if (word.StartsWith('@') || word.Contains("=@", StringComparison.Ordinal) || word.Contains(",@", StringComparison.Ordinal)
            || word.StartsWith("-s@", StringComparison.Ordinal) || word.StartsWith("-d@", StringComparison.Ordinal))
        {
            report($"{Quoted.Text(word)} cannot stand here; {Places}, a word of its own");
            return false;
        }

        if (IsCommand(word))
        {
            report($"{Quoted.Text(word)} cannot stand in a rule; expected matches and a target only, what follows '-A chain'");
            return false;
        }

        return TargetOf(word) is not { } target || CheckTarget(word, target);
    }

    /// <summary>The target where the word says one, which may be the next word.</summary>
    private string? TargetOf(string word)
    {
        if (s_jumps.Contains(word))
        {
            return Take();
        }

        int equals = word.IndexOf('=');
        return word.StartsWith("-j", StringComparison.Ordinal) || word.StartsWith("-g", StringComparison.Ordinal) ? word[2..]
            : equals > 0 && s_jumps.Contains(word[..equals]) ? word[(equals + 1)..]
            : null;
    }

    private bool CheckTarget(string word, string target)
    {
        string? wrong = ++_targets > 1 ? "a second target; a rule has one, after -j or -g"
            : target.Length == 0 ? "expected the name of a target, found nothing"
            : target == KernelNames.Chain ? $"{target} is the chain in which the rule stands; it cannot jump there"
            : s_builtIn.Contains(target) ? $"{target} is a built-in chain, to which no rule can jump"
            : null;
        if (wrong is not null)
        {
            report($"{Quoted.Text(word)}: {wrong}");
        }

        return wrong is null;
    }

    private static bool IsCommand(string word) =>
        (word.Length > 1 && word[0] == '-' && "ADIRLSFZNXEPCtc46".Contains(word[1], StringComparison.Ordinal))
        || s_commands.Contains(word.Split('=')[0]);

    private string Take()
    {
        string word = WordAt(_next);
        if (_next < _words.Count)
        {
            _rest.Add(word);
            _next++;
        }

        return word;
    }

    private string WordAt(int index) => index < _words.Count ? _words[index] : "";

    private static string Found(string word) => word.Length == 0 ? "nothing" : Quoted.Text(word);
}

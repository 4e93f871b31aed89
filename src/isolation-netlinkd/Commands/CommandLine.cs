using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Metrics;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary>The command line: names, options, help, and the way from an exception to a message and an exit code.</summary>
internal static class CommandLine
{
    private static readonly Option<bool> s_json = new("--json") { Description = "Print one JSON document.", Recursive = true };

    private static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Say more, on standard error too.", Recursive = true };

    private static readonly Option<int> s_lockWait = new("--lock-wait")
    {
        Description = "Seconds to wait for the xtables lock that iptables and others share.",
        DefaultValueFactory = _ => 10,
        Validators =
        {
            result =>
            {
                if (result.Tokens is [.., { Value: var text }]
                    && int.TryParse(text, CultureInfo.InvariantCulture, out int seconds)
                    && seconds < 0)
                {
                    result.AddError($"Option '--lock-wait' takes 0 or more seconds, not {seconds}.");
                }
            },
        },
    };

    private static readonly Option<string?> s_maxMemory = new("--max-memory")
    {
        Description = "The most kernel memory that old and new sets may take together, such as 512M; more is refused before anything is written.",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [.., { Value: var text }] && ByteSize.Parse(text) is null)
                {
                    result.AddError($"Option '--max-memory' takes a number of bytes, or one with K, M or G, such as 512M, not '{text}'.");
                }
            },
        },
    };

    private static readonly Option<long?> s_maxEntries = new("--max-entries")
    {
        Description = "The most entries that old and new sets may hold together; more is refused before anything is written.",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [.., { Value: var text }]
                    && long.TryParse(text, CultureInfo.InvariantCulture, out long entries)
                    && entries < 0)
                {
                    result.AddError($"Option '--max-entries' takes 0 or more entries, not {entries}.");
                }
            },
        },
    };

    private static readonly Option<string> s_for = new("--for")
    {
        Description = "How long, such as 30s, 5m or 1h; Ctrl-C ends it earlier.",
        DefaultValueFactory = _ => "60s",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [.., { Value: var text }] && Duration.Parse(text) is null)
                {
                    result.AddError($"Option '--for' takes a time from 1s to 24h, such as 30s, 5m or 1h, not '{text}'.");
                }
            },
        },
    };

    private static readonly Option<string> s_policyFile = new("--policy")
    {
        Description = "The policy file to keep in force.",
        Required = true,
    };

    private static readonly Option<bool> s_insecure = new("--insecure-policy-file")
    {
        Description = "Take a policy that others than root can change, and one through a symbolic link.",
    };

    private static readonly Option<string[]> s_metrics = new("--metrics")
    {
        Description = "Where metrics go, in Prometheus' format: a file, unix:PATH, or an address such as 127.0.0.1:9105; may be repeated.",
        Validators =
        {
            result =>
            {
                foreach (Token token in result.Tokens)
                {
                    if (MetricsTarget.Parse(token.Value, out string? mistake) is null)
                    {
                        result.AddError(mistake!);
                    }
                }
            },
        },
    };

    private static readonly Option<string?> s_log = new("--log")
    {
        Description = "How events are logged: console, json or journald; journald by default where the journal reads standard error.",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [.., { Value: var text }] && LogFormats.Parse(text) is null)
                {
                    result.AddError($"Option '--log' takes console, json or journald, not '{text}'.");
                }
            },
        },
    };

    private static readonly Option<string> s_verifyInterval = new("--verify-interval")
    {
        Description = "How often the kernel is looked at, such as 30s or 5m.",
        DefaultValueFactory = _ => "30s",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [.., { Value: var text }] && Duration.Parse(text) is null)
                {
                    result.AddError($"Option '--verify-interval' takes a time from 1s to 24h, such as 30s or 5m, not '{text}'.");
                }
            },
        },
    };

    private static readonly Option<bool> s_replies = new("--replies") { Description = "Trace packets from DST to SRC, too." };

    private static readonly Option<bool> s_rules = new("--rules")
    {
        Description = "Print the project's rules as iptables-save does, with counters.",
    };

    private static readonly Argument<string> s_source = new("SRC") { Description = "The address or prefix that packets come from." };

    private static readonly Argument<string> s_destination = new("DST") { Description = "The address or prefix that they go to." };

    private static readonly Argument<string> s_policy = new("POLICY") { Description = "The policy file (YAML or JSON)." };

    /// <summary>Runs one command.</summary>
    /// <returns>The exit code: see <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        ParseResult parsed = Build(output, error).Parse(args);

        // What was not understood has no values.
        bool understood = parsed.Errors.Count == 0;
        bool json = understood ? parsed.GetValue(s_json) : args.Contains("--json");
        var context = new CommandContext(output, error, json, understood && parsed.GetValue(s_verbose));
        return Guard(context, () => understood
            ? parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false })
            : throw new UsageException(Mistakes(parsed)));
    }

    /// <summary>What was not understood. That an unknown command is no command need not be said twice.</summary>
    private static IEnumerable<string> Mistakes(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand && parsed.UnmatchedTokens is [var word, ..]
            ? [$"there is no command '{word}'"]
            : parsed.Errors.Select(mistake => mistake.Message);

    /// <summary>The commands and their options.</summary>
    internal static RootCommand Build(TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Isolates virtual networks by one policy file: ipsets and an iptables chain, switched in one step.")
        {
            Define("validate", "Reads and checks the policy; touches no kernel.",
                (context, parsed) => ValidateCommand.Run(context, parsed.GetRequiredValue(s_policy)), s_policy),
            Define("matrix", "Prints what passes between each two networks of the policy; touches no kernel.",
                (context, parsed) => MatrixSyntax.Run(context, parsed, parsed.GetRequiredValue(s_policy)), s_policy, MatrixSyntax.Html),
            Define("plan", "Prints what apply would change; exit code 3 when there is something.",
                (context, parsed) => PlanCommand.Run(context, parsed.GetRequiredValue(s_policy), Limits(parsed)), s_policy, s_maxMemory, s_maxEntries),
            Define("apply", "Brings the kernel to the policy as one switch.",
                (context, parsed) => ApplyCommand.Run(
                    context, parsed.GetRequiredValue(s_policy), LockWait(parsed), Limits(parsed), ConfirmSyntax.WithinOf(parsed)),
                s_policy, ConfirmSyntax.Within, s_lockWait, s_maxMemory, s_maxEntries),
            Define("confirm", "Keeps what the last 'apply --confirm-within' put in force.",
                (context, parsed) => ConfirmCommand.Run(context, LockWait(parsed)), s_lockWait),
            Define("rollback", "Undoes the last 'apply --confirm-within'.",
                (context, parsed) => ConfirmCommand.RunRollback(context, LockWait(parsed)), s_lockWait),
            ConfirmSyntax.Helper(),
            Define("show", "Prints what is in force.",
                (context, parsed) => parsed.GetValue(s_rules) ? ShowCommand.RunRules(context) : ShowCommand.Run(context), s_rules),
            Define("remove", "Takes away every kernel object that the project owns, and nothing else.",
                (context, parsed) => RemoveCommand.Run(context, LockWait(parsed)), s_lockWait),
            Define("run", "Keeps a policy in force: follows its files, and puts back what others change.", RunDaemon,
                s_policyFile, s_insecure, s_verifyInterval, s_metrics, s_log, s_lockWait, s_maxMemory, s_maxEntries),
            Define("trace", "Has the kernel log each rule that packets from SRC to DST meet, for a while.", Trace,
                s_source, s_destination, s_for, s_replies, s_lockWait),
            Define("explain", "Tells what becomes of packets from SRC to DST, and why: by the policy, and by the kernel.",
                ExplainSyntax.Run, ExplainSyntax.Symbols),
            ListedOnly("ipset", "The ipset program for hash:net, hash:net,net, hash:net,port,net and list:set; see ipset help."),
            ListedOnly("iptables-save", "Prints the tables as iptables-save does, ip6tables-save those of IPv6; see iptables-save --help."),
            ListedOnly("iptables-restore", "Puts in force what was saved, all tables or none; see iptables-restore --help."),
            Define("version", "Prints the version.", (context, _) => VersionCommand.Run(context)),
        };
        root.Options.Add(s_json);
        root.Options.Add(s_verbose);
        return root;

        // Has a command line of its own, which is looked at before this one.
        static Command ListedOnly(string name, string description) => new(name, description);

        Command Define(string name, string description, Func<CommandContext, ParseResult, int> run, params Symbol[] symbols)
        {
            var command = new Command(name, description);
            foreach (Symbol symbol in symbols)
            {
                switch (symbol)
                {
                    case Argument argument:
                        command.Arguments.Add(argument);
                        break;
                    case Option option:
                        command.Options.Add(option);
                        break;
                }
            }

            command.SetAction(parsed =>
            {
                var context = new CommandContext(output, error, parsed.GetValue(s_json), parsed.GetValue(s_verbose));
                return run(context, parsed);
            });
            return command;
        }
    }

    private static int RunDaemon(CommandContext context, ParseResult parsed) => RunCommand.Run(
        context,
        parsed.GetRequiredValue(s_policyFile),
        parsed.GetValue(s_insecure) ? FileTrust.Anyones : FileTrust.Roots,
        Duration.Parse(parsed.GetRequiredValue(s_verifyInterval)) ?? default,
        LockWait(parsed),
        Limits(parsed),
        [.. (parsed.GetValue(s_metrics) ?? []).Select(text => MetricsTarget.Parse(text, out _)).OfType<MetricsTarget>()],
        parsed.GetValue(s_log) is { } log ? LogFormats.Parse(log) : null);

    private static int Trace(CommandContext context, ParseResult parsed) => TraceCommand.Run(
        context,
        parsed.GetRequiredValue(s_source),
        parsed.GetRequiredValue(s_destination),
        parsed.GetValue(s_replies),
        Duration.Parse(parsed.GetRequiredValue(s_for)) ?? default,
        LockWait(parsed));

    private static TimeSpan LockWait(ParseResult parsed) => TimeSpan.FromSeconds(parsed.GetValue(s_lockWait));

    private static SwitchLimits Limits(ParseResult parsed) =>
        new(parsed.GetValue(s_maxEntries), parsed.GetValue(s_maxMemory) is { } size ? ByteSize.Parse(size) : null);

    /// <summary>Whether the kernel, the system or what others did is the reason, and not a mistake in this program.</summary>
    internal static bool IsRefusal(Exception e) => e is NetlinkException or NetlinkFormatException or XtablesException or NotSupportedException
        or InvalidOperationException or IOException or UnauthorizedAccessException;

    /// <summary>Runs what may fail, and tells of its failure.</summary>
    internal static int Guard(CommandContext context, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (UsageException e)
        {
            context.WriteFailure(ExitCode.Invalid, e.Mistakes);
            context.Tell("see isolation-netlinkd --help");
            return ExitCode.Invalid;
        }
        catch (InvalidPolicyException e)
        {
            context.WriteFailure(ExitCode.Invalid, [e.Message], e.Diagnostics);
            return ExitCode.Invalid;
        }
        catch (PolicyCompilationException e)
        {
            context.WriteFailure(ExitCode.Invalid, [e.Message]);
            return ExitCode.Invalid;
        }
        catch (PlanConflictException e)
        {
            context.WriteFailure(ExitCode.Refused, e.Conflicts);
            return ExitCode.Refused;
        }
        catch (Exception e) when (IsRefusal(e))
        {
            context.WriteFailure(ExitCode.Refused, [e.Message]);
            return ExitCode.Refused;
        }
        catch (Exception e)
        {
            context.WriteFailure(ExitCode.Refused, [$"internal error: {e.GetType().Name}: {e.Message}"]);
            context.Tell("this is a mistake in isolation-netlinkd: please report it, with what was run and what -v says");
            if (context.Verbose)
            {
                context.TellPlainly(e.ToString());
            }

            return ExitCode.Refused;
        }
    }
}

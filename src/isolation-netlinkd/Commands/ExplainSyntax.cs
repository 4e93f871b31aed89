using System.CommandLine;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary>The command line of <c>explain</c>.</summary>
internal static class ExplainSyntax
{
    private static readonly Argument<string?> s_source = Word("SRC", "The address that a packet comes from.");

    private static readonly Argument<string?> s_destination = Word("DST", "The address that it goes to.");

    private static readonly Argument<string?> s_service = Word("PORT/PROTO", "What it carries, such as 80/tcp, 443 or icmp/echo-request.");

    private static readonly Option<string?> s_policy = new("--policy") { Description = "The policy that is asked, and compared with the kernel." };

    private static readonly Option<bool> s_fromKernel = new("--from-kernel") { Description = "Ask the kernel alone, as without --policy." };

    private static readonly Option<bool> s_noKernel = new("--no-kernel") { Description = "Ask the policy alone." };

    private static readonly Option<string?> s_questions = new("--questions")
    {
        Description = "A file of questions, SRC DST [PORT/PROTO] a line; - for standard input.",
    };

    public static Symbol[] Symbols => [s_source, s_destination, s_service, s_policy, s_fromKernel, s_noKernel, s_questions];

    public static int Run(CommandContext context, ParseResult parsed)
    {
        string? policy = parsed.GetValue(s_policy);
        string? questions = parsed.GetValue(s_questions);
        (string? source, string? destination) = (parsed.GetValue(s_source), parsed.GetValue(s_destination));
        string? mistake =
            policy is not null && parsed.GetValue(s_fromKernel) ? "--from-kernel asks the kernel alone; leave it or --policy out"
            : policy is null && parsed.GetValue(s_noKernel) ? "--no-kernel asks the policy alone; say which, with --policy"
            : questions is not null && source is not null ? $"give one question, or a file of them with --questions; not both ({Quoted.Escape(source)})"
            : questions is null && destination is null ? "explain takes SRC and DST, two addresses, or --questions FILE"
            : null;
        if (mistake is not null)
        {
            throw new UsageException([mistake]);
        }

        var command = new ExplainCommand(context, policy, asksKernel: !parsed.GetValue(s_noKernel));
        return questions is null ? command.Run(source!, destination!, parsed.GetValue(s_service)) : command.RunAll(questions);
    }

    private static Argument<string?> Word(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };
}

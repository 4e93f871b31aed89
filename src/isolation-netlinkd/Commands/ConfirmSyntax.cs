using System.CommandLine;
using DcosIsolation.Daemon.Confirming;

namespace DcosIsolation.Daemon.Commands;

/// <summary>What <c>apply --confirm-within</c> and its helper add to the command line.</summary>
internal static class ConfirmSyntax
{
    private static readonly Argument<string> s_id = new("ID");

    private static readonly Argument<string> s_deadline = new("DEADLINE");

    /// <summary>The option of <c>apply</c>.</summary>
    public static Option<string?> Within { get; } = new("--confirm-within")
    {
        Description = "Go back to what was in force unless 'confirm' comes within this time, such as 60s or 5m.",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [.., { Value: var text }] && Duration.Parse(text) is null)
                {
                    result.AddError($"Option '--confirm-within' takes a time from 1s to 24h, such as 60s or 5m, not '{text}'.");
                }
            },
        },
    };

    /// <summary>The time that was given, or null.</summary>
    public static TimeSpan? WithinOf(ParseResult parsed) => parsed.GetValue(Within) is { } text ? Duration.Parse(text) : null;

    /// <summary>The command of the helper, which nobody but this program gives.</summary>
    public static Command Helper()
    {
        var command = new Command(RollbackHelper.Command) { s_id, s_deadline };
        command.Hidden = true;
        command.SetAction(parsed => RollbackHelper.Run(parsed.GetRequiredValue(s_id), parsed.GetRequiredValue(s_deadline)));
        return command;
    }
}

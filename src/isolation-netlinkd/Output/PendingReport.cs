using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What reports say of a switch that waits for being confirmed.</summary>
internal static class PendingReport
{
    public static void WriteText(TextWriter text, PendingSwitch? pending)
    {
        if (pending is not null)
        {
            text.WriteLine(
                $"to be confirmed within {BootClock.SecondsUntil(pending.Deadline)} s with 'isolation-netlinkd confirm'; "
                + $"else {Rollback.WhatComesBack(pending)} comes back");
        }
    }

    public static void WriteJson(JsonResult json, PendingSwitch? pending)
    {
        if (pending is null)
        {
            json.Writer.WriteNull("pending");
            return;
        }

        json.Writer.WriteStartObject("pending");
        json.Writer.WriteNumber("secondsLeft", BootClock.SecondsUntil(pending.Deadline));
        json.Writer.WriteString("policyDigestBefore", pending.Before.PolicyDigest.Length == 0 ? null : pending.Before.PolicyDigest);
        json.Writer.WriteEndObject();
    }
}

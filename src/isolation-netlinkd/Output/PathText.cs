using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>The ways in which sets come to their new entries, in words.</summary>
internal static class PathText
{
    public static string Words(SwitchPath path) => path switch
    {
        SwitchPath.InPlace => "in place",
        SwitchPath.Swap => "by SWAP",
        _ => "new generation",
    };

    public static string JsonName(SwitchPath path) => path switch
    {
        SwitchPath.InPlace => "in-place",
        SwitchPath.Swap => "swap",
        _ => "generation",
    };
}

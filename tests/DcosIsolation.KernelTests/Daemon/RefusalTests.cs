using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>What cannot be done is one clear line and an exit code, and nothing is written.</summary>
public sealed class RefusalTests : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    private readonly Node _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("apply")]
    [InlineData("plan")]
    [InlineData("show")]
    [InlineData("remove")]
    [InlineData("trace")]
    public void Without_the_capability_nothing_is_done(string command)
    {
        _node.Apply(Policies.HrIt);
        string[] arguments = command switch
        {
            "apply" or "plan" => [command, _node.Policy(Policies.HrItMore)],
            "trace" => [command, "10.0.0.1", "10.0.0.2"],
            _ => [command],
        };

        AssertRefused("CAP_NET_ADMIN", ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", .. _node.Netlinkd(arguments)]);
    }

    [Theory]
    [InlineData("libip4tc.so.2", "libip4tc2")]
    [InlineData("libip6tc.so.2", "libip6tc2")]
    public void Without_libiptc_nothing_is_done(string library, string package)
    {
        _node.Apply(Policies.HrIt);
        string empty = _node.Write("empty", "");
        string find = $"/sbin/ldconfig -p | sed -n 's/^\t{library} .*=> //p'";
        string hide = $"for lib in $({find}); do mount --bind {empty} $lib || exit 9; done; exec \"$@\"";

        AssertRefused(package, ["unshare", "--mount", "sh", "-c", hide, "sh", .. _node.Netlinkd("apply", _node.Policy(Policies.HrItMore))]);
    }

    [Fact]
    public void Who_holds_the_lock_is_named_when_the_wait_is_over()
    {
        _node.Apply(Policies.HrIt);
        string before = _node.Everything();
        using (RunningProgram holder = _node.Space.Start("flock", [_node.LockFile, "sh", "-c", "echo held; exec sleep 600"]))
        {
            holder.WaitForOutput("held", s_deadline);
            ProgramResult result = _node.Run("apply", "--lock-wait", "1", _node.Policy(Policies.HrItMore));
            AssertOneLine(result, 1, "within 1 s", "flock", $"pid {holder.Id}");
            AssertOneLine(_node.Run("remove", "--lock-wait", "0"), 1, $"pid {holder.Id}");
        }

        Assert.Equal(before, _node.Everything());
        _node.Apply(Policies.HrItMore);
    }

    [Fact]
    public void An_invalid_policy_changes_nothing()
    {
        _node.Apply(Policies.HrIt);
        string before = _node.Everything();

        ProgramResult result = _node.Run("apply", _node.Policy(Policies.HrIt.Replace("80/tcp", "80/tpc", StringComparison.Ordinal)));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("policy.yaml:6:", result.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, _node.Everything());
    }

    [Fact]
    public void A_policy_that_cannot_be_read_changes_nothing()
    {
        string path = _node.Policy(Policies.HrIt);
        _node.Exec(["chmod", "0", path]).EnsureSuccess();
        string[] powerless = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"];

        ProgramResult result = _node.Exec([.. powerless, .. _node.Netlinkd("apply", path)]);

        AssertOneLine(result, 2, $"cannot read the policy '{path}': the process may not read it");
        AssertOneLine(_node.Run("apply", path + "x"), 2, $"cannot read the policy '{path}x': there is no such file");
        AssertOneLine(_node.Run("apply", "/"), 2, "cannot read the policy '/': it is a directory");
        Assert.Empty(_node.SetNames());
    }

    [Theory]
    [InlineData("--max-entries", "9", "--max-entries allows 9")]
    [InlineData("--max-memory", "1K", "--max-memory allows 1 KiB")]
    public void What_is_more_than_allowed_changes_nothing(string option, string value, string reason)
    {
        _node.Apply(Policies.HrIt);
        string more = _node.Policy(Policies.HrItMore);

        AssertRefused(reason, _node.Netlinkd("apply", option, value, more));
        AssertRefused(reason, _node.Netlinkd("plan", option, value, more));

        // A policy that is in force needs nothing more.
        Assert.Contains("nothing to do", _node.Run("apply", option, value, _node.Policy(Policies.HrIt)).EnsureSuccess().Output, StringComparison.Ordinal);
        _node.Run("apply", option, "1000000000", _node.Policy(Policies.HrItMore)).EnsureSuccess();
    }

    private void AssertRefused(string reason, string[] command)
    {
        string before = _node.Everything();

        AssertOneLine(_node.Exec(command), 1, reason);

        Assert.Equal(before, _node.Everything());
    }

    private static void AssertOneLine(ProgramResult result, int exitCode, params string[] texts)
    {
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(result.Output);
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(texts, text => Assert.Contains(text, line, StringComparison.Ordinal));
    }
}

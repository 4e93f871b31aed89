using System.Diagnostics;
using System.Runtime.Versioning;
using DcosIsolation.Daemon.Commands;
using Tmds.Linux;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Commands;

/// <summary>What of the files of a daemon's policy is refused, and how.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class InputFileTests : IDisposable
{
    private readonly PolicyDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_file_that_only_root_can_write_is_read_and_another_users_is_refused()
    {
        string path = Own(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        if (LibC.geteuid() == 0u)
        {
            Assert.Equal("text", InputFile.ReadBeyond(100, path, FileTrust.Roots));
            if (!TryGiveAway(path))
            {
                // Root of a user namespace that has no other users.
                return;
            }
        }

        Assert.Contains("it belongs to user ", Refusal(path, FileTrust.Roots), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite, "620")]
    [InlineData(UnixFileMode.OtherWrite, "602")]
    public void One_that_others_can_write_is_refused(UnixFileMode also, string mode)
    {
        string path = Own(UnixFileMode.UserRead | UnixFileMode.UserWrite | also);

        string reason = Refusal(path, FileTrust.Roots);
        Assert.Contains($"has mode {mode}, and only root may be able to change it", reason, StringComparison.Ordinal);
        Assert.EndsWith("--insecure-policy-file", reason, StringComparison.Ordinal);
        Assert.Equal("text", InputFile.ReadBeyond(100, path, FileTrust.Anyones));
    }

    [Fact]
    public void A_symbolic_link_is_followed_only_without_that_trust()
    {
        Own(UnixFileMode.UserRead);
        string link = _directory.PathOf("link");
        File.CreateSymbolicLink(link, "policy.yaml");

        Assert.Contains("it is a symbolic link", Refusal(link, FileTrust.Roots), StringComparison.Ordinal);
        Assert.Equal("text", InputFile.ReadBeyond(100, link, FileTrust.Anyones));
    }

    [Fact]
    public void Links_in_a_circle_and_names_that_are_too_long_have_reasons_of_their_own()
    {
        File.CreateSymbolicLink(_directory.PathOf("a"), "b");
        File.CreateSymbolicLink(_directory.PathOf("b"), "a");

        Assert.Equal("its symbolic links lead nowhere", Refusal(_directory.PathOf("a")));
        Assert.Equal("it is no path: a name is too long", Refusal(_directory.PathOf(new string('x', 300))));
        Assert.Equal("it is no path", Refusal("a\0b"));
        Assert.Equal("it is no path", Refusal(""));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_no_file_is_refused_at_once_and_not_opened(bool isStrict)
    {
        FileTrust trust = isStrict ? FileTrust.Roots : FileTrust.Anyones;
        long start = Stopwatch.GetTimestamp();

        Assert.Equal("it is not a regular file", Refusal(_directory.Pipe("pipe"), trust));
        Assert.Equal("it is not a regular file", Refusal("/dev/zero", trust));
        Assert.Equal("it is a directory", Refusal(_directory.Path, trust));
        Assert.Equal("there is no such file", Refusal(_directory.PathOf("none"), trust));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Texts_that_are_no_policy_are_refused_without_taking_memory()
    {
        // A gigabyte that the disk does not hold; 100,000 levels; NUL bytes; UTF-16; the same key twice.
        string sparse = _directory.PathOf("sparse.yaml");
        using (FileStream file = File.Create(sparse))
        {
            file.SetLength(1L << 30);
        }

        Expect("the file has more than 16777216 characters", sparse);
        Expect(
            "2:26: error: lists and mappings are nested deeper than 16 levels",
            Text("deep.yaml", "version: 1\nnetworks: " + new string('[', 100_000)));
        Expect(
            "2:71: error: lists and mappings are nested deeper than 16 levels",
            Text("map.yaml", "version: 1\nnetworks: " + string.Concat(Enumerable.Repeat("{a: ", 100_000))));
        Expect(
            "1:11: error: the character U+0000 may not stand in a policy",
            Text("nul.yaml", "version: 1\0\nnetworks: {a: {subnets: [10.0.0.0/8]}}\n"));
        Expect("it is not UTF-8 text", Bytes("utf16.yaml", System.Text.Encoding.Unicode.GetPreamble().Concat(
            System.Text.Encoding.Unicode.GetBytes("version: 1\n"))));
        Expect(
            "1:2: error: the character U+0000 may not stand in a policy",
            Bytes("utf16-no-mark.yaml", System.Text.Encoding.Unicode.GetBytes("version: 1\n")));
        Expect("2:1: error: ", Text("twice.yaml", "version: 1\nversion: 1\nnetworks: {a: {subnets: [10.0.0.0/8]}}\n"));
    }

    private static void Expect(string reason, string path)
    {
        long start = Stopwatch.GetTimestamp();
        long before = GC.GetTotalAllocatedBytes();
        CommandRun run = CommandRun.Of("validate", path);

        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", run.Error, StringComparison.Ordinal);
        Assert.InRange(run.ErrorLines.Length, 1, 100);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10), path);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 512L << 20);
    }

    private string Text(string name, string text) => _directory.Write(text, name);

    private string Bytes(string name, IEnumerable<byte> bytes)
    {
        File.WriteAllBytes(_directory.PathOf(name), [.. bytes]);
        return _directory.PathOf(name);
    }

    private string Own(UnixFileMode mode)
    {
        string path = _directory.Write("text");
        File.SetUnixFileMode(path, mode);
        return path;
    }

    private static unsafe bool TryGiveAway(string path)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            return LibC.chown(name, 1, 1) == 0;
        }
    }

    private static string Refusal(string path, FileTrust trust = FileTrust.Anyones) =>
        Assert.Throws<IOException>(() => InputFile.ReadBeyond(100, path, trust)).Message;
}

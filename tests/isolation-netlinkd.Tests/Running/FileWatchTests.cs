using System.Diagnostics;
using DcosIsolation.Daemon.Running;
using DcosIsolation.Daemon.Tests.Commands;
using Tmds.Linux;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Running;

public sealed class FileWatchTests : IDisposable
{
    private readonly PolicyDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_directories_of_a_file_and_of_the_links_on_its_way_are_watched()
    {
        string mount = Mounted("1");

        Assert.Equal(
            [mount, Path.Combine(mount, "..1")],
            FileWatch.DirectoriesOf([Path.Combine(mount, "policy.yaml")]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Links_that_point_at_each_other_come_to_an_end()
    {
        File.CreateSymbolicLink(_directory.PathOf("a"), "b");
        File.CreateSymbolicLink(_directory.PathOf("b"), "a");

        Assert.Equal([_directory.Path], FileWatch.DirectoriesOf([_directory.PathOf("a")]));
    }

    [Fact]
    public void A_link_above_the_file_and_a_path_through_its_parent_are_followed()
    {
        Directory.CreateDirectory(_directory.PathOf("real/in"));
        Directory.CreateDirectory(_directory.PathOf("links"));
        File.CreateSymbolicLink(_directory.PathOf("links/current"), "../real/in");

        Assert.Equal(
            [_directory.PathOf("links"), _directory.PathOf("real/in")],
            FileWatch.DirectoriesOf([_directory.PathOf("links/current/policy.yaml")]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_editors_do_is_noticed_and_changes_the_stamps()
    {
        string path = _directory.Write("one");

        Expect(true, () => File.WriteAllText(path, "two!"), path);
        Expect(true, () => File.Move(_directory.Write("three", "new"), path, overwrite: true), path);
        Expect(true, () => File.Delete(path), path);
        Expect(true, () => _directory.Write("back"), path);

        // Something happened, and not to the file.
        Expect(false, () => _directory.Write("another", "other.yaml"), path);
    }

    [Fact]
    public void A_swapped_link_is_noticed()
    {
        string mount = Mounted("1");
        string path = Path.Combine(mount, "policy.yaml");
        Directory.CreateDirectory(Path.Combine(mount, "..2"));
        File.WriteAllText(Path.Combine(mount, "..2", "policy.yaml"), "2");
        File.CreateSymbolicLink(Path.Combine(mount, "..data_tmp"), "..2");

        Expect(true, Swap, path);

        void Swap()
        {
            // The framework moves files over files only.
            using Process moved = Process.Start("mv", ["-T", Path.Combine(mount, "..data_tmp"), Path.Combine(mount, "..data")]);
            moved.WaitForExit();
        }
    }

    [Fact]
    public void Where_no_directory_exists_there_is_no_watch() => Assert.Null(FileWatch.Begin([_directory.PathOf("none/policy.yaml")]));

    /// <summary>A directory as Kubernetes mounts a ConfigMap.</summary>
    private string Mounted(string version)
    {
        string mount = _directory.PathOf("mount");
        Directory.CreateDirectory(Path.Combine(mount, $"..{version}"));
        File.WriteAllText(Path.Combine(mount, $"..{version}", "policy.yaml"), version);
        File.CreateSymbolicLink(Path.Combine(mount, "..data"), $"..{version}");
        File.CreateSymbolicLink(Path.Combine(mount, "policy.yaml"), "..data/policy.yaml");
        return mount;
    }

    private static unsafe void Expect(bool isAnother, Action change, string path)
    {
        var stamps = new FileStamps();
        stamps.Add(path);
        using FileWatch watch = FileWatch.Begin([path])!;
        Assert.True(stamps.AreCurrent());
        Assert.False(IsReadable());

        change();

        Assert.True(IsReadable());
        watch.Drain();
        Assert.False(IsReadable());
        Assert.Equal(!isAnother, stamps.AreCurrent());

        bool IsReadable()
        {
            var descriptor = new pollfd { fd = (int)watch.Handle.DangerousGetHandle(), events = LibC.POLLIN };
            timespec now = default;
            return LibC.ppoll(&descriptor, 1, &now, null) == 1;
        }
    }
}

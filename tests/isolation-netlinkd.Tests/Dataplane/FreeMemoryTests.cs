using DcosIsolation.Daemon.Dataplane;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Dataplane;

public sealed class FreeMemoryTests : IDisposable
{
    private const string Huge = "9223372036854771712";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("memory");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void The_machine_is_the_limit_where_no_cgroup_is()
    {
        Meminfo();
        Assert.Equal(new FreeMemory(4096L * 1024, 16384L * 1024, "the machine"), Read());
    }

    [Fact]
    public void Version_2_asks_every_cgroup_up_to_the_root()
    {
        Meminfo();
        Write("proc/self/cgroup", "0::/a/b\n");
        Write("cgroup/a/b/memory.max", "max\n");
        Write("cgroup/a/b/memory.current", "50000\n");
        Write("cgroup/a/memory.max", "1000000\n");
        Write("cgroup/a/memory.current", "900000\n");
        Write("cgroup/a/memory.stat", "anon 1\ninactive_file 20000\nactive_file 3\n");
        Assert.Equal(new FreeMemory(120_000, 1_000_000, "the cgroup /a"), Read());
    }

    [Fact]
    public void Version_1_counts_the_pages_of_all_below()
    {
        Meminfo();
        Write("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/a\n0::/\n");
        Write("cgroup/memory/a/memory.limit_in_bytes", "64000\n");
        Write("cgroup/memory/a/memory.usage_in_bytes", "70000\n");
        Write("cgroup/memory/a/memory.stat", "inactive_file 5\ntotal_inactive_file 10000\n");
        Write("cgroup/memory/memory.limit_in_bytes", Huge + "\n");
        Write("cgroup/memory/memory.usage_in_bytes", "99\n");
        Assert.Equal(new FreeMemory(4_000, 64_000, "the cgroup /a"), Read());
    }

    [Fact]
    public void A_container_that_sees_only_its_own_mount_asks_that()
    {
        Meminfo();
        Write("proc/self/cgroup", "4:memory:/docker/0123\n");
        Write("cgroup/memory/memory.limit_in_bytes", "1000\n");
        Write("cgroup/memory/memory.usage_in_bytes", "2000\n");
        Assert.Equal(new FreeMemory(0, 1_000, "the cgroup /"), Read());
    }

    [Fact]
    public void Without_anything_to_read_there_is_no_limit() => Assert.Equal(long.MaxValue, Read().Bytes);

    [Fact]
    public void This_machine_has_some() => Assert.InRange(FreeMemory.Now().Bytes, 1, long.MaxValue - 1);

    private FreeMemory Read() => FreeMemory.Read(Path.Combine(_root.FullName, "proc"), Path.Combine(_root.FullName, "cgroup"));

    private void Meminfo() => Write("proc/meminfo", "MemTotal:       16384 kB\nMemFree:  1 kB\nMemAvailable:    4096 kB\n");

    private void Write(string path, string text)
    {
        string file = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}

using System.Diagnostics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Lab;

/// <summary>A named network namespace with its loopback up, which <c>ip netns</c> lists too; gone after <see cref="Dispose"/>.</summary>
public sealed class NetworkNamespace : IDisposable
{
    private const string NamedNamespaces = "/run/netns/";
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(60);
    private static readonly SafeFileHandle Home = File.OpenHandle("/proc/self/ns/net");
    private static int _created;

    private readonly SafeFileHandle _handle;

    private NetworkNamespace(string name)
    {
        Name = name;
        _handle = File.OpenHandle(NamedNamespaces + name);
    }

    /// <summary>The name as <c>ip netns</c> prints it.</summary>
    public string Name { get; }

    /// <summary>Makes a namespace whose name ends in <paramref name="label"/> and is no other's.</summary>
    public static NetworkNamespace Create(string label)
    {
        string name = $"lab-{Environment.ProcessId}-{Interlocked.Increment(ref _created)}-{label}";
        string path = NamedNamespaces + name;
        Directory.CreateDirectory(NamedNamespaces);
        File.Create(path).Dispose();
        try
        {
            // What `ip netns add` does, without starting a program, which is what costs in UML.
            WorkerThread.Run(() =>
            {
                Check(unshare(CLONE_NEWNET), $"make the network namespace {name}");
                try
                {
                    Check(Bind("/proc/thread-self/ns/net", path), $"keep the network namespace {name}");
                    Check(LoopbackUp(), $"bring up the loopback of {name}");
                }
                finally
                {
                    GoHome();
                }
            });
            return new NetworkNamespace(name);
        }
        catch
        {
            Delete(name);
            throw;
        }
    }

    /// <summary>
    /// Calls <paramref name="action"/> on a thread that has entered the namespace, and waits for it. A socket made there belongs to the
    /// namespace wherever it is used later; code after an <c>await</c> runs elsewhere.
    /// </summary>
    public T Run<T>(Func<T> action) => Run(_handle, Name, action);

    /// <inheritdoc cref="Run{T}(Func{T})"/>
    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <summary>
    /// Calls <paramref name="action"/> on a thread that is in the namespace that the process was started in. A test's own thread need not
    /// be: a thread of the pool stays all its life where the thread was that asked for it, and that may have been in a namespace.
    /// </summary>
    public static T RunAtHome<T>(Func<T> action) => Run(Home, "the process was started in", action);

    /// <summary>Runs a program in the namespace to its end; one that does not end in time is killed, and is an error.</summary>
    public ProgramResult Exec(string program, IEnumerable<string> arguments, string? input = null, TimeSpan? deadline = null)
    {
        using RunningProgram running = Start(program, arguments, input);
        return running.WaitForExit(deadline ?? DefaultDeadline);
    }

    /// <inheritdoc cref="Exec(string, IEnumerable{string}, string?, TimeSpan?)"/>
    public ProgramResult Exec(string program, params string[] arguments) => Exec(program, arguments, null, null);

    /// <summary>Starts a program in the namespace; disposing of it kills it.</summary>
    public RunningProgram Start(string program, IEnumerable<string> arguments, string? input = null) =>
        Run(() => StartHere(program, arguments, input));

    /// <summary>Runs commands of <c>ip</c> in the namespace, all of which must succeed.</summary>
    /// <remarks>Not by <c>ip -n</c>, which mounts /sys anew and may not in a user namespace.</remarks>
    public void Configure(params string[] commands) =>
        Exec("ip", ["-batch", "-"], string.Join('\n', commands) + "\n").EnsureSuccess();

    /// <summary>Sets a value below /proc/sys/net, which is the namespace's own.</summary>
    public void Sysctl(string path, string value) => Run(() => File.WriteAllText("/proc/sys/net/" + path, value));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_handle.IsClosed)
        {
            _handle.Dispose();
            Delete(Name);
        }
    }

    private static unsafe void Delete(string name)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(NamedNamespaces + name + "\0"))
        {
            _ = umount2(path, MNT_DETACH);
        }

        File.Delete(NamedNamespaces + name);
    }

    private static unsafe int Bind(string source, string target)
    {
        fixed (byte* from = Encoding.UTF8.GetBytes(source + "\0"), to = Encoding.UTF8.GetBytes(target + "\0"))
        {
            return mount(from, to, null, MS_BIND, null);
        }
    }

    private static T Run<T>(SafeFileHandle space, string name, Func<T> action)
    {
        T result = default!;
        WorkerThread.Run(() =>
        {
            Enter(space, name);
            try
            {
                result = action();
            }
            finally
            {
                // A thread that stayed would keep the namespace alive after its deletion.
                GoHome();
            }
        });
        return result;
    }

    // A child process belongs to the namespace of the thread that forks it.
    private static RunningProgram StartHere(string program, IEnumerable<string> arguments, string? input) =>
        new(new ProcessStartInfo(program, arguments), input);

    private static unsafe int LoopbackUp()
    {
        // struct ifreq: the name (16 bytes), then the flags: IFF_UP.
        const int SetInterfaceFlags = 0x8914;
        byte* request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        "lo"u8.CopyTo(new Span<byte>(request, 16));
        *(short*)(request + 16) = 1;
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        int result = ioctl(fd, SetInterfaceFlags, request);
        _ = close(fd);
        return result;
    }

    private static void GoHome() => Enter(Home, "the process was started in");

    private static void Enter(SafeFileHandle space, string name) =>
        Check(setns((int)space.DangerousGetHandle(), CLONE_NEWNET), $"enter the network namespace {name}");

    private static void Check(int result, string what)
    {
        if (result != 0)
        {
            throw new IOException($"cannot {what}: errno {errno}");
        }
    }
}

using System.Runtime.InteropServices;
using Tmds.Linux;

namespace DcosIsolation.Daemon.Confirming;

/// <summary>The time since the machine was booted, sleep included, which nobody sets; and which boot that was.</summary>
internal static unsafe partial class BootClock
{
    private const int CLOCK_BOOTTIME = 7;

    /// <summary>The time since the boot.</summary>
    public static TimeSpan Now
    {
        get
        {
            timespec time;
            return clock_gettime(CLOCK_BOOTTIME, &time) == 0
                ? TimeSpan.FromSeconds((long)time.tv_sec) + TimeSpan.FromMicroseconds((long)time.tv_nsec / 1000)
                : throw new NotSupportedException("the kernel has no CLOCK_BOOTTIME");
        }
    }

    /// <summary>Whole seconds until a time since the boot, begun ones too; 0 when it has come.</summary>
    public static int SecondsUntil(TimeSpan time) => Math.Max(0, (int)Math.Ceiling((time - Now).TotalSeconds));

    /// <summary>The boot.</summary>
    /// <exception cref="IOException">The kernel does not tell.</exception>
    public static Guid Boot => Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, timespec* time);
}

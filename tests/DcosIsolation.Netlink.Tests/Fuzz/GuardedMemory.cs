using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Tests.Fuzz;

/// <summary>
/// Memory that ends where a page begins that nobody may touch. Bytes placed at its end can be read; to read one more is a fault, which ends
/// the process with the reader's stack on standard error, and cannot go unnoticed as a read of a neighbour on the heap would.
/// </summary>
/// <remarks>
/// The memory is a file, reader-fuzz.*.last beside the test assembly, which is deleted unless the process dies: it ends in the bytes that
/// were read then, and begins with their number.
/// </remarks>
internal sealed unsafe class GuardedMemory : IDisposable
{
    // Of all page sizes that Linux has for user space, the largest.
    private const int PageSize = 65536;
    private const int Size = PageSize;

    private readonly string _path = Path.Combine(AppContext.BaseDirectory, $"reader-fuzz.{Guid.NewGuid():N}.last");
    private readonly byte* _start;

    public GuardedMemory()
    {
        void* none = mmap(null, Size + PageSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        Check(none != (void*)-1, "reserve memory");
        using FileStream file = File.Create(_path);
        file.SetLength(Size);
        void* start = mmap(none, Size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, (int)file.SafeFileHandle.DangerousGetHandle(), 0);
        Check(start == none, $"map {_path}");
        _start = (byte*)start;
    }

    /// <summary>Copies bytes to the end of the memory and returns them there; they replace those of the call before.</summary>
    public ReadOnlySpan<byte> Place(ReadOnlySpan<byte> bytes)
    {
        *(int*)_start = bytes.Length;
        var placed = new Span<byte>(_start + Size - bytes.Length, bytes.Length);
        bytes.CopyTo(placed);
        return placed;
    }

    public void Dispose()
    {
        Check(munmap(_start, Size + PageSize) == 0, "unmap memory");
        File.Delete(_path);
    }

    private static void Check(bool condition, string what)
    {
        if (!condition)
        {
            throw new IOException($"cannot {what}: errno {errno}");
        }
    }
}

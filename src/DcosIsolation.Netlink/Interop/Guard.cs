using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>native/guard.c: what calls into libxtables need. One thread at a time.</summary>
internal static unsafe partial class Guard
{
    private const string Library = "isolation-guard";

    /// <summary>Null, or what the extension said against it, to be read at once.</summary>
    [LibraryImport(Library, EntryPoint = "isolation_guard_call")]
    public static partial byte* Call(void* function, nuint a, nuint b, nuint c, nuint d, nuint e, nuint* result);

    /// <summary>Makes what native code prints readable by <see cref="Printed"/>; 0 if there is no memory for it.</summary>
    [LibraryImport(Library, EntryPoint = "isolation_guard_capture")]
    public static partial int Capture();

    [LibraryImport(Library, EntryPoint = "isolation_guard_release")]
    public static partial void Release();

    /// <summary>What was printed to stdout (0) or stderr (1) since the last call.</summary>
    [LibraryImport(Library, EntryPoint = "isolation_guard_printed")]
    public static partial byte* Printed(int stream, nuint* length);

    [LibraryImport(Library, EntryPoint = "isolation_guard_start_options")]
    public static partial void StartOptions();

    [LibraryImport(Library, EntryPoint = "isolation_guard_next_option")]
    public static partial int NextOption(int argc, byte** argv, byte* letters, option* options);

    /// <summary>getopt's optarg.</summary>
    [LibraryImport(Library, EntryPoint = "isolation_guard_option_argument")]
    public static partial byte* OptionArgument();

    /// <summary>getopt's optind, after adding a step to it.</summary>
    [LibraryImport(Library, EntryPoint = "isolation_guard_option_index")]
    public static partial int OptionIndex(int step);

    /// <summary>The address of the function that struct xtables_globals has as exit_err.</summary>
    [LibraryImport(Library, EntryPoint = "isolation_guard_exit_error_address")]
    public static partial void* ExitErrorAddress();
}

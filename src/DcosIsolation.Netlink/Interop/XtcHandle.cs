using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>A struct xtc_handle of libiptc: a copy of one table in this process, with a socket.</summary>
internal sealed class XtcHandle : SafeHandle
{
    private readonly Libiptc _library;

    public XtcHandle(Libiptc library, nint handle)
        : base(0, ownsHandle: true)
    {
        _library = library;
        SetHandle(handle);
    }

    public override bool IsInvalid => handle == 0;

    protected override unsafe bool ReleaseHandle()
    {
        _library.free(handle);
        return true;
    }
}

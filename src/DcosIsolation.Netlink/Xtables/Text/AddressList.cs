using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The addresses and masks that -s or -d names, a comma between them: prefixes, masks, names of hosts and networks, as libxtables reads them.
/// </summary>
internal readonly unsafe ref struct AddressList : IDisposable
{
    private readonly void* _addresses;
    private readonly void* _masks;
    private readonly int _size;

    /// <param name="session">The session.</param>
    /// <param name="text">The text, or null for every address.</param>
    /// <exception cref="XtablesRuleException">The text is no list of addresses.</exception>
    public AddressList(LibxtablesSession session, byte* text)
    {
        bool isIpv4 = session.Family == NetfilterFamily.Inet;
        _size = isIpv4 ? 4 : 16;
        Count = 1;
        if (text == null)
        {
            return;
        }

        // Pointers and count are written by libxtables.
        nuint* results = stackalloc nuint[3];
        results[0] = results[1] = results[2] = 0;
        void* parse = isIpv4 ? session.Library.ipparse_multiple : session.Library.ip6parse_multiple;
        try
        {
            session.Call(parse, (nuint)text, (nuint)(&results[0]), (nuint)(&results[1]), (nuint)(&results[2]));
        }
        catch
        {
            NativeMemory.Free((void*)results[0]);
            NativeMemory.Free((void*)results[1]);
            throw;
        }

        _addresses = (void*)results[0];
        _masks = (void*)results[1];
        Count = (int)(uint)results[2];
    }

    public int Count { get; }

    public void Copy(int index, Span<byte> address, Span<byte> mask)
    {
        if (_addresses != null)
        {
            new ReadOnlySpan<byte>((byte*)_addresses + (index * _size), _size).CopyTo(address);
            new ReadOnlySpan<byte>((byte*)_masks + (index * _size), _size).CopyTo(mask);
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_masks);
    }
}

using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>netdb.h and arpa/inet.h, which Tmds.LibC leaves out. The functions of the resolver return 0 or an errno.</summary>
internal static unsafe partial class netdb_h
{
    [LibraryImport("libc")]
    public static partial int inet_pton(int af, byte* src, void* dst);

    [LibraryImport("libc")]
    public static partial byte* inet_ntop(int af, void* src, byte* dst, uint size);

    [LibraryImport("libc")]
    public static partial int gethostbyname2_r(
        byte* name, int af, hostent* ret, byte* buf, nuint buflen, hostent** result, int* h_errnop);

    [LibraryImport("libc")]
    public static partial int getservbyname_r(
        byte* name, byte* proto, servent* result_buf, byte* buf, nuint buflen, servent** result);

    [LibraryImport("libc")]
    public static partial int getprotobyname_r(byte* name, protoent* result_buf, byte* buf, nuint buflen, protoent** result);

    [LibraryImport("libc")]
    public static partial int getprotobynumber_r(int proto, protoent* result_buf, byte* buf, nuint buflen, protoent** result);
}

internal unsafe struct hostent
{
    public byte* h_name;
    public byte** h_aliases;
    public int h_addrtype;
    public int h_length;
    public byte** h_addr_list;
}

internal unsafe struct servent
{
    public byte* s_name;
    public byte** s_aliases;
    public int s_port;
    public byte* s_proto;
}

internal unsafe struct protoent
{
    public byte* p_name;
    public byte** p_aliases;
    public int p_proto;
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The options of iptables itself, those that have no place in a rule too: an abbreviation must be ambiguous where it is for iptables.
/// </summary>
internal static unsafe class RuleOptions
{
    /// <summary>
    /// For getopt: a word that is no option is returned where it stands (-), an argument that is missing is told from an unknown option (:).
    /// </summary>
    public static byte* Letters => Pointer("-:A:C:D:E:F::I:L::M:N:P:VX::Z::c:d:i:j:o:p:s:t:R:S::W::46bfg:h::m:nvw::x"u8);

    private static readonly option* s_ipv4 = Make(withFragments: true);
    private static readonly option* s_ipv6 = Make(withFragments: false);

    public static option* For(NetfilterFamily family) => family == NetfilterFamily.Inet ? s_ipv4 : s_ipv6;

    private static option* Make(bool withFragments)
    {
        const int Most = 40;
        var options = (option*)NativeMemory.AllocZeroed(Most, (nuint)sizeof(option));
        int count = 0;
        Add("append"u8, 1, 'A');
        Add("delete"u8, 1, 'D');
        Add("check"u8, 1, 'C');
        Add("insert"u8, 1, 'I');
        Add("replace"u8, 1, 'R');
        Add("list"u8, 2, 'L');
        Add("list-rules"u8, 2, 'S');
        Add("flush"u8, 2, 'F');
        Add("zero"u8, 2, 'Z');
        Add("new-chain"u8, 1, 'N');
        Add("delete-chain"u8, 2, 'X');
        Add("rename-chain"u8, 1, 'E');
        Add("policy"u8, 1, 'P');
        Add("source"u8, 1, 's');
        Add("destination"u8, 1, 'd');
        Add("src"u8, 1, 's');
        Add("dst"u8, 1, 'd');
        Add("protocol"u8, 1, 'p');
        Add("in-interface"u8, 1, 'i');
        Add("jump"u8, 1, 'j');
        Add("table"u8, 1, 't');
        Add("match"u8, 1, 'm');
        Add("numeric"u8, 0, 'n');
        Add("out-interface"u8, 1, 'o');
        Add("verbose"u8, 0, 'v');
        Add("wait"u8, 2, 'w');
        Add("wait-interval"u8, 2, 'W');
        Add("exact"u8, 0, 'x');
        if (withFragments)
        {
            Add("fragments"u8, 0, 'f');
        }

        Add("version"u8, 0, 'V');
        Add("help"u8, 2, 'h');
        Add("line-numbers"u8, 0, '0');
        Add("modprobe"u8, 1, 'M');
        Add("set-counters"u8, 1, 'c');
        Add("goto"u8, 1, 'g');
        Add("ipv4"u8, 0, '4');
        Add("ipv6"u8, 0, '6');
        return options;

        void Add(ReadOnlySpan<byte> name, int argument, char letter) => options[count++] = new option
        {
            name = Pointer(name),
            has_arg = argument,
            val = letter,
        };
    }

    /// <summary>A UTF-8 literal lies in the program's image, with a NUL behind it.</summary>
    private static byte* Pointer(ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));
}

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>
/// The words that random commands are made of: few, so that they meet; good ones first, then those that ipset or the kernel refuses.
/// </summary>
/// <remarks>
/// Left out is what the program under test does differently on purpose: sets of other types, names of sets with other characters (so that brackets and blanks are in scripts only, where it is known what a set is), host
/// names, <c>help</c>, <c>-r</c>, <c>-</c>, lines of more than 1023 characters, and ranges of more than 2³¹ addresses, for which the kernel
/// begins again until the set is full (ip_set_range_to_cidr). ICMP is in scripts only, where a set's family is known: after ICMP of the other
/// family ipset goes on with what it has left, and ends in this or that complaint. A timeout is 0 or long, so that none is over.
/// </remarks>
internal static class IpsetWords
{
    /// <summary>The seeds of hash tables, as ipset prints them; with the same one two sets have their entries in the same order.</summary>
    public static readonly string[] Seeds = ["0x00000001", "0x12345678", "0xdeadbeef"];

    public static readonly string[] Names = ["a", "b", "c", "d", "+e", "l", "m"];

    public static readonly string[] BadNames = ["nobody", "a-name-of-just-thirty-one-chars", "this-is-one-character-too-long-x", "-a", "1"];

    public static readonly string[] Timeouts = ["100000", "200000", "0", "0x30d40", "2147483", "2147484", "4294967296", "-1", "x"];

    public static readonly string[] Prefixes4 =
    [
        "10.0.0.1", "10.0.0.0/24", "10.0.0.77/24", "10.0.0.0/8", "10.0.0.2/31", "10.0.0.3/32", "192.168.1.0/30", "0.0.0.0/1", "128.0.0.0/1",
        "255.255.255.255", "10.0.0.1-10.0.0.6", "10.0.0.0-10.0.0.255", "10.0.0.9-10.0.0.4", "10.0.0.4-10.0.0.4", "0.0.0.0/0", "0.0.0.0",
        "0.0.0.0-255.255.255.255", "255.255.255.254-255.255.255.255", "127.255.255.255-128.0.0.1",
    ];

    public static readonly string[] BadPrefixes4 =
    [
        "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "10.0.0.256", "10.0.0", "10.0.0.0/255.0.0.0", "10.0.0.0/24/24",
        "10.0.0.1-", "-10.0.0.1", "10.0.0.0/24-10.0.1.0/24", "10.0.0.1-10.0.0.5-10.0.0.9", "/24",
        "10.0.0.0/024", "2001:db8::1", "10.0.0.0/0x18",
    ];

    public static readonly string[] Prefixes6 =
    [
        "2001:db8::1", "2001:db8::/64", "2001:db8::77/64", "2001:db8::/32", "2001:db8::2/127", "2001:DB8::3/128", "::/1", "8000::/1", "::1",
        "::ffff:10.0.0.1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::/10", "::/0", "::",
    ];

    public static readonly string[] BadPrefixes6 =
    [
        "2001:db8::1-2001:db8::5", "2001:db8::/129", "2001:db8::/", "::g", "10.0.0.1", "10.0.0.0/24", ":::", "1:2:3:4:5:6:7:8:9",
        "2001:db8::/64-2001:db9::/64",
    ];

    public static readonly string[] Ports =
    [
        "tcp:80", "80", "udp:53", "tcp:http", "http", "udp:domain", "sctp:5", "udplite:7", "tcp:0", "tcp:65535", "tcp:80-90", "udp:50-55",
        "90-80", "tcp:79-http", "gre:0", "47:0", "6:80", "17:53", "esp:0", "255:0", "tcp:0x50", "tcp:080", "TCP:80",
    ];

    public static readonly string[] BadPorts =
    [
        "0:0", "256:0", "tcp:65536", "tcp:-1", "tcp:", ":80", "tcp", "tcp:80-", "tcp:-80", "gre:1", "47:5", "nobody:0", "tcp:nobody", "", "tcp:80:90", "sctp:80-", "unspec:0", "any:0",
        "tcp:80,",
    ];

    /// <summary>What only restore can be told: quotes that are amiss, and comments.</summary>
    public static readonly string[] BadLines =
        ["add a 10.0.0.1 comment \"open", "nothing", "add", "\"add\" a 10.0.0.1", "add a 10.0.0.1 comment a\"b\"c", "#", " #", " "];

    /// <summary>An option of an entry: the extension of the set that it needs, its name, its values.</summary>
    public static readonly (string Extension, string Name, string[] Values)[] EntryOptions =
    [
        ("timeout", "timeout", Timeouts),
        ("counters", "packets", ["0", "5", "18446744073709551615", "18446744073709551616", "-1", "x", "0x10"]),
        ("counters", "bytes", ["0", "1500", "18446744073709551615", "18446744073709551616", "-1", "", "010"]),
        ("comment", "comment", ["word", "with spaces", "naïve", "", new string('c', 255), new string('c', 256), "tab\tinside", "#", "é ü"]),
        ("skbinfo", "skbmark", ["0x1/0xff", "0x1", "1", "0", "0xffffffff/0xffffffff", "0x100000000", "0x1/", "/0xff", "x", "0x1/0/0"]),
        ("skbinfo", "skbprio", ["1:10", "ffff:ffff", "0:0", "1:", ":1", "10000:1", "1", "x:y", "1:10:100"]),
        ("skbinfo", "skbqueue", ["3", "0", "65535", "65536", "-1", "x"]),
        ("", "nomatch", []),
    ];

    public static readonly (string Name, string[] Values)[] HashOptions =
    [
        ("hashsize", ["64", "1", "100", "1024", "0", "4294967296", "x", "-1", "0x80"]),
        ("maxelem", ["2", "3", "5", "65536", "4294967295", "0", "4294967296", "1"]),
        ("timeout", Timeouts),
        ("counters", []),
        ("comment", []),
        ("skbinfo", []),
        ("forceadd", []),
        ("bucketsize", ["2", "4", "12", "14", "0", "1", "3", "254", "256", "x"]),
        ("netmask", ["24", "64", "0", "129", "255.255.255.0"]),
        ("bitmask", ["255.0.255.0", "ffff::", "24"]),
        ("family", ["inet", "inet6", "unspec", "INET", "ipv4"]),
        ("probes", ["4"]),
        ("resize", ["50"]),
        ("size", ["8"]),
        ("colour", ["blue"]),
        ("markmask", ["0xff"]),
    ];

    public static readonly (string Name, string[] Values)[] ListOptions =
    [
        ("size", ["8", "1", "2", "0", "4294967295", "4294967296", "x"]),
        ("timeout", Timeouts),
        ("counters", []),
        ("comment", []),
        ("skbinfo", []),
        ("forceadd", []),
        ("family", ["inet"]),
        ("hashsize", ["64"]),
    ];

    /// <summary>The spellings of each command, the plain one first.</summary>
    public static readonly Dictionary<string, string[]> Commands = new()
    {
        ["create"] = ["create", "-N", "--create", "n", "creat", "new"],
        ["add"] = ["add", "-A", "--add", "a", "ad", "-add"],
        ["del"] = ["del", "-D", "--del", "d", "delete"],
        ["test"] = ["test", "-T", "--test", "t", "tes"],
        ["destroy"] = ["destroy", "-X", "--destroy", "x", "destr"],
        ["list"] = ["list", "-L", "--list", "l", "li"],
        ["save"] = ["save", "-S", "--save", "s", "sav"],
        ["restore"] = ["restore", "-R", "--restore", "r", "rest"],
        ["flush"] = ["flush", "-F", "--flush", "f", "flu"],
        ["rename"] = ["rename", "-E", "--rename", "e", "ren"],
        ["swap"] = ["swap", "-W", "--swap", "w", "sw"],
    };

    public static readonly string[][] Listings =
    [
        ["-t"], ["-terse"], ["-n"], ["-name"], ["-s"], ["-sorted"], ["-o", "plain"], ["-o", "save"], ["-o", "xml"], ["-output", "xml"],
        ["--output", "save"], ["-o", "nothing"], ["-o"], ["--terse"], ["--name"], ["--sorted"],
    ];

    public static readonly string[][] Manners = [["-!"], ["-exist"], ["--exist"], ["-q"], ["-quiet"], ["--quiet"], ["-exist", "-q"]];
}

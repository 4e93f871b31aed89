using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.KernelTests.Xtables;

/// <summary>
/// Texts that are no rules, or hardly any: each is compiled or refused with <see cref="XtablesRuleException"/>, and what comes after is
/// compiled as in a process that has seen nothing.
/// </summary>
public sealed class HostileTextTests
{
    private const NetfilterFamily V4 = NetfilterFamily.Inet;
    private const NetfilterFamily V6 = NetfilterFamily.Inet6;

    /// <summary>Texts that must be refused in both families.</summary>
    private static readonly string[] s_refused =
    [
        "\"", "-m comment --comment \"open", "-m comment --comment \"open\\\"", "-m comment --comment \"\\", "\"\"", "-j \"\"",
        "-j \"a b\"",
        "-m \"\"", "-p \"\"", "-s \"\"", "-i \"\"", "a", "\u0001", "\u007f", "é", "-é", "-\0", "-j A\0B", "-m comment --comment \"a\0b\"",
        "%n%s%n", "-j %n%s", "-m %n%s%s%s", "-p %s%n", "-s %s%n%n", "--%s%n x", "-p tcp --dport %n%n%s",
        "-m limit --limit %s%n", "-m ../../etc/passwd", "-m /etc/passwd", "-j ../x", "-m ..", "-m .", "-j .", "-p ../tcp", "-m tcp/../tcp",
        "-m nosuch", "-j NOSUCH", "-g nowhere", "-j", "-m", "-p", "-s", "-d", "-i", "-o", "-g", "-c", "--jump", "--match", "--comment",
        "-p tcp --dport", "-p tcp -m multiport --dports", "-m comment --comment", "-m comment", "-j LOG --log-prefix", "-m limit --limit",
        "--help", "-h", "-V", "--version", "-p tcp --help", "-m tcp --help", "-m tcp -h", "-j LOG --help", "-j LOG -h", "-m limit --hel",
        "-A INPUT", "-D INPUT 1", "-F", "-X", "-L", "-S", "-P INPUT DROP", "-N x", "-E a b", "-Z", "-t nat", "-w", "-W 5", "-n", "-x",
        "--line-numbers", "--modprobe=/bin/sh", "-M /bin/sh", "--wait=5",
        "--s 1", "--d 1", "--p tcp", "-p tcp --d 80", "-p tcp --s 80", "-m conntrack --cts", "-m conntrack --ct NEW",
        "-p tcp --dport=", "-p tcp --dport 65536", "-p tcp --dport -1", "-p tcp --dport 4294967297", "-p tcp --dport 99999999999999999999",
        "-p tcp --dport 5:4", "-p tcp --dport 0x", "-p tcp --tcp-flags", "-p tcp --tcp-flags SYN", "-p tcp --tcp-flags a b",
        "-p 256", "-p -1", "-p 4294967302", "-p nosuch", "-p 6x", "-p tcp,udp",
        "-m mark --mark 4294967296", "-m mark --mark -1", "-m mark --mark 1/", "-m mark --mark x", "-m limit --limit 0/sec",
        "-m limit --limit 99999999999/sec", "-m limit --limit -5/sec", "-m statistic --mode random --probability 2",
        "-m statistic --mode random --probability -1", "-m statistic --mode nth --every 0", "-c 1", "-c a b", "-c -1 -1", "-c 1,", "-c ,",
        "-c 18446744073709551616 1", "-i sixteen-letters.", "-o a-name-that-is-far-too-long",
        "!", "! !", "! ! -s ::1", "! -j ACCEPT", "! -m tcp", "-m ! tcp", "-j ! ACCEPT", "-p ! tcp", "-p tcp !", "-p tcp --dport ! 80",
        "! -p all", "! -g x", "! -c 1 1", "-p tcp --dport 80 ! -j DROP", "! ACCEPT",
        "-j ACCEPT -j DROP", "-j ACCEPT -g x", "-p tcp -p udp", "-i a -i b", "-p tcp --dport 1 --dport 2",
        "-j LOG --log-level 1 --log-level 2",
        "-j REJECT --reject-with nothing", "-p udp --syn", "-m tcp --dport 1x", "-j ACCEPT --log-prefix x",
        "-m set --match-set", "-m set --match-set x", "-m set --match-set nosuchset src", "-m set --match-set nosuchset sideways",
        "-m bpf --bytecode 9999", "-m bpf --bytecode 65,", "-m bpf --bytecode 1,x", "-m bpf --object-pinned /nonexistent",
        "-m u32 --u32 ((((((", "-m u32 --u32 0", "-m u32 --u32 0=", "-m string --algo bm", "-m string --hex-string |x| --algo bm",
        "-m string --hex-string |0 --algo bm", "-m owner --uid-owner nosuchuser", "-m time --timestart 99:99", "-m time --datestart x",
        "-m iprange --src-range x-y", "-m hashlimit --hashlimit-name x", "-m length --length x:y",
    ];

    /// <summary>Texts that are odd, and of which nothing is said but that they do no harm.</summary>
    private static readonly string[] s_odd =
    [
        "", " ", "\t\n\r ", "--", "-", "-- -j ACCEPT", "-j ACCEPT --", "\\", "-m comment --comment a\\", "-m comment --comment '",
        "a\"b\"c\"d\"",
        "-m comment --comment \"a\"\"b\"", "-m comment --comment \"\\\"\\\\\"", "-m comment --comment \u0001\u0002\u001b[31m",
        "-m comment --comment \ud800", "-m comment --comment ÿþ\ufffe", "-m comment --comment %n%n%n%s%s%s%x",
        "-j LOG --log-prefix %n%s%n%s",
        "-j LOG --log-prefix \"%1000000d\"", "-m string --algo bm --string %n%s", "-i %n%s", "-s 1.1.1.1", "-s ::1", "-s ::ffff:1.2.3.4",
        "-s 1.2.3.4/33", "-s 1.2.3.4/-1", "-s ::1/129", "-s ::/::", "-s fe80::1%lo", "-s 1.2.3", "-s 0x7f.1", "-s 1.2.3.4.5", "-s ,",
        "-s 1.1.1.1,", "-s ,1.1.1.1", "-s ::1,::2,", "-d 1.1.1.1/255.255.255.255/1", "! -s 1.1.1.1,2.2.2.2", "-s no.such.host.invalid",
        "-p 0", "-p 255", "-p all", "-p TCP", "-p Tcp", "-p 6", "-p 06", "-p 0x6", "-p icmp", "-p icmpv6", "-p ipv6-icmp", "-p esp",
        "-p ipv6",
        "-p 41", "-p hopopt", "-p mh", "-p icmp --icmp-type 256", "-p icmp --icmp-type 8/256", "-p ipv6-icmp --icmpv6-type 1/2/3", "-f",
        "! -f",
        "-4", "-6", "-4 -j NOSUCH", "-6 -j NOSUCH", "-46", "-v", "-vvvv", "-j LOG -vv", "--sou 1.1.1.1", "--proto tcp", "--ju ACCEPT",
        "-jACCEPT", "-ptcp", "-mtcp", "-p tcp -mtcp --dport=80", "-p tcp --dpor 80", "--jump=ACCEPT", "-c 1,2", "-c 1 2", "-i +", "-i ++",
        "-i eth0+", "-i ../x", "-i a/b", "-i *", "-o :", "-j RETURN", "-j QUEUE", "-j INPUT", "-j accept", "-j standard", "-m standard",
        "-j tcp", "-m LOG", "-m icmp", "-m icmp6", "-p tcp -m udp", "-m tcp", "-m set", "-j SET", "-m state", "-m comment --comment \"\"",
        "-m recent --name /etc/passwd --set", "-m recent --name ../../x --set", "-m hashlimit --hashlimit-name ../x --hashlimit-upto 1/s",
        "-j IDLETIMER --timeout 1 --label ../x", "-m cgroup --path ../../..", "-m bpf --object-pinned /etc/passwd", "-m u32 --u32 0=0&&",
        "-j TEE --gateway ::", "-j NFLOG --nflog-prefix %s%n", "-m rateest --rateest1 x", "-m devgroup --src-group x", "-m realm --realm x",
        "-m connlabel --label x", "-m dscp --dscp-class EF", "-m physdev --physdev-in x",
        "-m policy --dir in --pol ipsec --next --next --next",
    ];

    [Fact]
    public void What_is_no_rule_is_refused_and_leaves_nothing_behind()
    {
        string[] fresh = Fresh();
        using var process = new RuleProcess();
        foreach (string text in s_refused)
        {
            foreach (NetfilterFamily family in new[] { V4, V6 })
            {
                string answer = process.Compile(family, text);
                Assert.True(answer.StartsWith("refused ", StringComparison.Ordinal), $"{family} '{text}': {answer}");
                Assert.DoesNotContain('\n', answer);
                Assert.True(answer.Length < 6000, $"{family} '{text}': {answer}");
            }
        }

        Assert.Equal(fresh, process.Known());
    }

    [Fact]
    public void What_is_odd_does_no_harm()
    {
        string[] fresh = Fresh();
        using var process = new RuleProcess();
        foreach (string text in s_odd)
        {
            process.Compile(V4, text);
            process.Compile(V6, text);
        }

        Assert.Equal(fresh, process.Known());
    }

    [Fact]
    public void The_longest_words_and_rules_do_no_harm()
    {
        string[] fresh = Fresh();
        using var process = new RuleProcess();
        string huge = new('x', 1 << 20);
        string[] options = ["-m", "-j", "-p", "-s", "-d", "-i", "-o", "-g", "-c", "!", "--", "-m comment --comment", "-j LOG --log-prefix"];
        foreach (int length in new[] { 15, 16, 17, 28, 29, 30, 31, 255, 256, 257, 1022, 1023, 1024, 4095, 4096, 65535, 65536, 1 << 20 })
        {
            foreach (string option in options)
            {
                process.Compile(V4, [.. option.Split(' '), huge[..length]]);
                process.Compile(V6, [.. option.Split(' '), huge[..length]]);
            }

            process.Compile(V4, "--" + huge[..length]);
            process.Compile(V4, "-p tcp --" + huge[..length] + " 1");
            process.Compile(V4, "-p tcp --dport " + new string('1', length));
            process.Compile(V4, "-p tcp -m multiport --dports " + string.Join(',', Enumerable.Repeat("1", length / 2)));
            process.Compile(V4, "-s " + string.Join(',', Enumerable.Range(0, length / 8).Select(i => $"10.0.0.{i % 256}")));
            process.Compile(V4, "-m u32 --u32 " + string.Join("&&", Enumerable.Repeat("0=0", length / 5)));
            process.Compile(V4, "-m string --algo bm --hex-string |" + new string('0', length) + "|");
            process.Compile(V4, "-m bpf --bytecode " + $"{length / 8}," + string.Join(',', Enumerable.Repeat("6 0 0 0", length / 8)));
        }

        Refused("10,000 words", [.. Enumerable.Repeat("-v", 10_000)]);
        Refused("more than 64 KB", [.. Enumerable.Repeat<string[]>(["-m", "u32", "--u32", "0=0"], 60).SelectMany(words => words)]);
        Refused("300 matches", [.. Enumerable.Repeat<string[]>(["-m", "tcp"], 300).SelectMany(words => words)]);
        string many = process.Compile(V4, [.. Enumerable.Repeat<string[]>(["-m", "ah"], 120).SelectMany(words => words), "-p", "ah"]);
        Assert.StartsWith("accepted 1 ", many, StringComparison.Ordinal);
        process.Compile(V6, [.. Enumerable.Repeat<string[]>(["-m", "state"], 120).SelectMany(words => words), "--state", "NEW"]);
        process.Compile(V4, "-m " + string.Join(" -m ", Extensions.Names.Take(120)));
        Assert.Equal(fresh, process.Known());

        void Refused(string what, string[] words)
        {
            string answer = process.Compile(V4, words);
            Assert.True(answer.StartsWith("refused ", StringComparison.Ordinal), $"{what}: {answer}");
        }
    }

    [Fact]
    public void Every_installed_extension_compiles_or_refuses()
    {
        Assert.True(Extensions.Names.Count > 50, "there are hardly any extensions here");
        string[] fresh = Fresh();
        string[][] tails =
        [
            [], ["--help"], ["-h"], ["!"], ["x"], ["--x"], ["--x", "y"], ["%n%s"], ["!", "--x"], ["-p", "tcp"],
            ["--", "x"], ["-j", "ACCEPT"], ["", ""],
        ];
        using var process = new RuleProcess();
        foreach (NetfilterFamily family in new[] { V4, V6 })
        {
            foreach (string name in Extensions.Names)
            {
                foreach (string[] tail in tails)
                {
                    process.Compile(family, ["-m", name, .. tail]);
                    process.Compile(family, ["-j", name, .. tail]);
                }

                process.Compile(family, ["-m", name, "-m", name]);
                process.Compile(family, ["-m", name, "-j", name]);
            }
        }

        Assert.Equal(fresh, process.Known());
    }

    [Fact]
    public void Errors_take_no_memory_and_no_descriptors()
    {
        const int Generous = 8 << 20;
        using var process = new RuleProcess();
        (long memory, int descriptors, string names) = process.Repeat(
            V4,
            100_000,
            "-p tcp --dport x",
            "-m nosuch",
            "-m limit --limit x -j LOG",
            "-m comment --comment x -j REJECT --reject-with x",
            "-m mark --mark 1 -m mark --mark 2 -m mark --mark x",
            "-j NOSUCH",
            "-m set --match-set nosuchset src",
            "-m multiport --dports 1",
            "-m string --algo bm --hex-string |x|",
            "-s 10.0.0.1,10.0.0.2,x/y -j LOG");
        Assert.True(memory < Generous, $"100,000 errors took {memory:N0} bytes");
        Assert.True(descriptors <= 0, $"100,000 errors took {descriptors} descriptors: {names}");

        (memory, descriptors, names) = process.Repeat(
            V6, 20_000, "-p tcp --dport 1 -m mark --mark 1 -m mark --mark 2 -j LOG", "-m limit -j REJECT");
        Assert.True(memory < Generous, $"20,000 rules took {memory:N0} bytes");
        Assert.True(descriptors <= 0, $"20,000 rules took {descriptors} descriptors: {names}");
    }

    [Fact]
    public void Going_from_family_to_family_takes_no_memory_and_no_descriptors()
    {
        string[] fresh = Fresh();
        using var process = new RuleProcess();
        (long memory, int descriptors, string names) = process.Alternate(
            1000, "-p tcp --dport 1 -m limit -j LOG", "-m nosuch", "-m conntrack --ctstate NEW -j REJECT", "-m mark --mark x");
        Assert.True(memory < 8 << 20, $"1,000 changes of the family took {memory:N0} bytes");
        Assert.True(descriptors <= 0, $"1,000 changes of the family took {descriptors} descriptors: {names}");
        Assert.Equal(fresh, process.Known());
    }

    [Fact]
    public void Many_threads_get_what_one_gets()
    {
        using var process = new RuleProcess();
        Assert.Equal("same", process.Threads(
            500,
            "-p tcp --dport 1 -m limit -j LOG",
            "-m nosuch",
            "-p tcp --dport x",
            "-m comment --comment x -m mark --mark 7 -j REJECT",
            "-s 10.0.0.1,10.0.0.2",
            "-s fd00::1,fd00::2 -m state --state NEW",
            "-j LOG --log-level x",
            "-m multiport --dports 1"));
    }

    /// <summary>Words of extensions, options of extensions and values put together at random; the same each time.</summary>
    [Fact]
    public void Random_rules_compile_or_are_refused()
    {
        int seed = FromEnvironment("RULE_FUZZ_SEED", 1);
        int count = FromEnvironment("RULE_FUZZ_COUNT", 5000);
        string[] fresh = Fresh();
        using var process = new RuleProcess();
        var random = new RandomRule(seed);
        int accepted = 0;
        for (int i = 0; i < count; i++)
        {
            // Not in turns, since each change loads all extensions anew.
            NetfilterFamily family = i / 500 % 2 == 0 ? V4 : V6;
            if (process.Compile(family, random.Next()).StartsWith("accepted", StringComparison.Ordinal))
            {
                accepted++;
            }
        }

        Assert.InRange(accepted, count / 200, count);
        Assert.Equal(fresh, process.Known());
    }

    private static string[] Fresh()
    {
        using var process = new RuleProcess();
        return process.Known();
    }

    private static int FromEnvironment(string name, int value) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text) : value;
}

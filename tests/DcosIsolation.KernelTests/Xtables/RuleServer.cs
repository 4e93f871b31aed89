using System.Security.Cryptography;
using System.Text;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.KernelTests.Xtables;

/// <summary>
/// The other end of <see cref="RuleProcess"/>: reads requests from standard input, a line each, and answers with a line. Arguments are in
/// base64 of UTF-16, since they may be anything.
/// </summary>
internal static class RuleServer
{
    private static readonly Encoding s_utf16 = Encoding.Unicode;

    public static int Run()
    {
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            string[] arguments = [.. words[3..].Select(word => s_utf16.GetString(Convert.FromBase64String(word)))];
            NetfilterFamily family = words[1] == "6" ? NetfilterFamily.Inet6 : NetfilterFamily.Inet;
            Console.WriteLine(words[0] switch
            {
                "text" => Compile(family, parser => parser.Parse(arguments[0])),
                "words" => Compile(family, parser => parser.Parse(arguments)),
                "repeat" => Repeat(family, int.Parse(words[2]), arguments),
                "alternate" => Alternate(int.Parse(words[2]), arguments),
                "threads" => Threads(int.Parse(words[2]), arguments),
                _ => "wrong: no such request",
            });
        }

        return 0;
    }

    public static string Request(string what, NetfilterFamily family, int count, IEnumerable<string> arguments) =>
        string.Join(' ', [
            what,
            family == NetfilterFamily.Inet6 ? "6" : "4",
            $"{count}",
            .. arguments.Select(argument => Convert.ToBase64String(s_utf16.GetBytes(argument))),
        ]);

    private static string Compile(NetfilterFamily family, Func<XtablesRuleParser, XtablesParsedRule> parse)
    {
        try
        {
            XtablesParsedRule rule = parse(new XtablesRuleParser(family, "filter"));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (XtablesEntry entry in rule.Entries)
            {
                hash.AppendData(entry.Bytes.Span);
            }

            return $"accepted {rule.Entries.Length} {Convert.ToHexString(hash.GetHashAndReset())}";
        }
        catch (XtablesRuleException e)
        {
            return "refused " + e.Message.ReplaceLineEndings(" ");
        }
        catch (Exception e)
        {
            return "wrong: " + e.ToString().ReplaceLineEndings(" ");
        }
    }

    /// <summary>How many bytes of memory and descriptors it took to compile rules again and again, after the first of them.</summary>
    private static string Repeat(NetfilterFamily family, int count, string[] texts)
    {
        // The runtime takes its time to compile what is hot, and to find its size.
        const int WarmUp = 40_000;
        for (int i = 0; i < WarmUp; i++)
        {
            Compile(family, parser => parser.Parse(texts[i % texts.Length]));
        }

        // To measure takes memory, too, the first time.
        Used();
        Usage before = Used();
        for (int i = 0; i < count; i++)
        {
            Compile(family, parser => parser.Parse(texts[i % texts.Length]));
        }

        return Used().Since(before);
    }

    /// <summary>The same, each rule in the other family than the one before.</summary>
    private static string Alternate(int count, string[] texts)
    {
        Usage? before = null;
        for (int i = -count; i < count; i++)
        {
            if (i == 0)
            {
                Used();
                before = Used();
            }

            NetfilterFamily family = (i & 1) == 0 ? NetfilterFamily.Inet : NetfilterFamily.Inet6;
            Compile(family, parser => parser.Parse(texts[(i + count) / 2 % texts.Length]));
        }

        return Used().Since(before!);
    }

    /// <summary>Many threads compile the rules in both families; "same" if each answer is the one that a single thread gets.</summary>
    private static string Threads(int count, string[] texts)
    {
        string[] expected = [.. Enumerable.Range(0, texts.Length * 2).Select(One)];
        string? different = null;
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < count && different is null; i++)
            {
                // Some rules in a row of one family, as programs have them: going to the other takes a thousand times as long.
                int which = (i / 20 % 2 * texts.Length) + random.Next(texts.Length);
                string answer = One(which);
                if (answer != expected[which])
                {
                    different = $"{texts[which % texts.Length]}: {answer} instead of {expected[which]}";
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return different ?? "same";

        string One(int which) => Compile(
            which < texts.Length ? NetfilterFamily.Inet : NetfilterFamily.Inet6,
            parser => parser.Parse(texts[which % texts.Length]));
    }

    /// <summary>What the process holds for good. The runtime's own threads open a file now and then, and close it again.</summary>
    private static Usage Used()
    {
        const int Looks = 10;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        string resident = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        long bytes = long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024;
        HashSet<string> descriptors = [.. Descriptors()];
        for (int look = 1; look < Looks; look++)
        {
            Thread.Sleep(50);
            descriptors.IntersectWith(Descriptors());
        }

        return new Usage(bytes, descriptors);
    }

    /// <summary>Each open descriptor and what it is of; that of the directory itself is gone when it is asked for.</summary>
    private static IEnumerable<string> Descriptors() =>
        from path in Directory.GetFiles("/proc/self/fd")
        let target = new FileInfo(path).LinkTarget
        where target is not null
        select $"{Path.GetFileName(path)}:{target.Replace(' ', '_')}";

    private sealed record Usage(long Bytes, HashSet<string> Descriptors)
    {
        /// <summary>How many bytes and descriptors more than before, and the new ones' names.</summary>
        public string Since(Usage before)
        {
            string[] more = [.. Descriptors.Except(before.Descriptors).Order(StringComparer.Ordinal)];
            return $"{Bytes - before.Bytes} {Descriptors.Count - before.Descriptors.Count} {string.Join(' ', more)}";
        }
    }
}

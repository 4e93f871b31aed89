using System.Globalization;
using DcosIsolation.Scale;

// DcosIsolation.Scale --rules FILE ROUNDS: bench/rules.sh starts it.
if (args is ["--rules", var table, var count])
{
    RulesInProcess.Run(table, int.Parse(count, CultureInfo.InvariantCulture));
    return;
}

// DcosIsolation.Scale ROOT WORK [--quick]: bench/scale.sh starts it, with prefixes enough in WORK/all.
var paths = new Paths(args[0], args[1]);
bool quick = args.Contains("--quick");
int mainCount = quick ? 100_000 : 1_000_000;
int[] counts = quick ? [10_000, mainCount] : [10_000, 100_000, mainCount, 4_000_000];
int runs = int.Parse(Environment.GetEnvironmentVariable("RUNS") ?? (quick ? "2" : "5"), CultureInfo.InvariantCulture);

var machine = Machine.Look(paths.Root);
var sandbox = new Sandbox(paths.Stopwatch, paths.Work);
Net[] all = [.. File.ReadLines(paths.File("all")).Select(Net.Parse)];
OneNetwork[] sizes = [.. counts.Select(count => new OneNetwork(paths, sandbox, all, count))];
OneNetwork main = sizes[Array.IndexOf(counts, mainCount)];
var library = new LibraryAndFloor(paths, sandbox, main);
var many = new ManyNetworks(paths, sandbox);

foreach (OneNetwork size in sizes)
{
    // The largest takes a minute a round.
    int rounds = size.Count > main.Count ? (runs + 1) / 2 : runs;
    Say($"{size.Count:#,0} prefixes: writing the files");
    size.WriteFiles();
    if (size == main)
    {
        library.WarmUp();
    }

    for (int round = 1; round <= rounds; round++)
    {
        Say($"{size.Count:#,0} prefixes: round {round} of {rounds}");
        size.Load();
        if (size == main)
        {
            size.LoadMergedByNft();
            size.Live();
            library.Run(round);
        }
    }
}

many.WriteFiles();
for (int round = 1; round <= runs; round++)
{
    Say($"{ManyNetworks.Networks:#,0} networks: round {round} of {runs}");
    many.Run();
}

var report = new Report(machine, runs, sizes, main, library, many);
(string section, string svg) = (report.Markdown(), report.Svg());
Console.WriteLine(section);
if (!quick)
{
    File.WriteAllText(Path.Combine(paths.Root, "bench/scale.svg"), svg);
    Report.Replace(Path.Combine(paths.Root, "bench/README.md"), section);
    Say($"written into bench/README.md and bench/scale.svg");
}

static void Say(FormattableString text) =>
    Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {text.ToString(CultureInfo.InvariantCulture)}");

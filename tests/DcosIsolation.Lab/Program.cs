using DcosIsolation.Lab;

const string Usage = """
    usage: DcosIsolation.Lab demo [BINARY [POLICY]]

    Shows what examples/hr-it/policy.yaml does to real traffic, in namespaces of its own. Run it in the lab: ./demo.sh
    BINARY: $ISOLATION_NETLINKD, or artifacts/isolation-netlinkd
    """;
if (args is not ["demo", .. var rest] || rest.Length > 2)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

string binary = rest.ElementAtOrDefault(0) ?? Environment.GetEnvironmentVariable("ISOLATION_NETLINKD") ?? "artifacts/isolation-netlinkd";
using var demo = new Demo(Path.GetFullPath(binary), Path.GetFullPath(rest.ElementAtOrDefault(1) ?? "examples/hr-it/policy.yaml"));
return demo.Run() ? 0 : 1;

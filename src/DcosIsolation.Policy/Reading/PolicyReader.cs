using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Reads and checks policy files. Stateless; safe to call from any thread.</summary>
public static class PolicyReader
{
    /// <summary>The longest policy file, in UTF-16 code units; a subnets file, for long lists of prefixes, has no limit.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    /// <summary>
    /// Reads a policy. What the text holds never makes it throw: every mistake becomes a diagnostic, and one does not hide the next, except
    /// that text which is not YAML is reported up to the first place where it is not.
    /// </summary>
    /// <param name="path">
    /// The path of the policy file, for the diagnostics and for resolving the paths of subnets files; not opened.
    /// </param>
    /// <param name="text">The file's text: YAML, so JSON too. More than <see cref="MaxLength"/> is an error.</param>
    /// <param name="openSubnetsFile">
    /// Opens a subnets file. It gets the path as the policy has it, resolved against the directory of <paramref name="path"/> unless
    /// absolute, and is called once for every <c>subnets-file</c>; the reader disposes of what it returns: the file's bytes, best
    /// unbuffered. An <see cref="IOException"/>, an <see cref="UnauthorizedAccessException"/> and bytes that are not UTF-8 become errors
    /// at the place of the path; other exceptions go through to the caller.
    /// </param>
    /// <returns>The policy, or null, and the diagnostics.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static PolicyReadResult Read(string path, string text, Func<string, Stream> openSubnetsFile)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(openSubnetsFile);
        DiagnosticBag diagnostics = new();
        text = text.StartsWith('\ufeff') ? text[1..] : text;
        IsolationPolicy? policy = null;
        if (PolicyText.Check(path, text, diagnostics) && YamlTreeReader.Read(path, text, diagnostics) is { } root
            && Expect.Mapping(diagnostics, root, "the policy", "a mapping with 'version' and 'networks'") is { } mapping)
        {
            policy = ReadPolicy(mapping, new NetworksReader(path, openSubnetsFile, diagnostics), diagnostics);
        }

        return new PolicyReadResult(policy, diagnostics.Sorted(path), diagnostics.ErrorCount);
    }

    private static IsolationPolicy? ReadPolicy(YamlMapping root, NetworksReader networks, DiagnosticBag diagnostics)
    {
        var entries = Expect.Keys(
            diagnostics, root, "a policy", "version", "networks", "default", "deny-with", "allow", "deny", "exceptions",
            "failsafe", "log-denied", "rules");
        bool hasNetworks = ReadNetworks(root.Location, entries, networks, diagnostics);
        EndpointsReader endpoints = new(hasNetworks ? networks.Names : null, diagnostics);
        ClausesReader clauses = new(endpoints, diagnostics);
        FailsafeReader failsafe = new(networks.Names, clauses, diagnostics);

        bool accepts = false;
        bool drops = false;
        bool hasVersion = false;
        DeniedLog? logDenied = null;
        var allow = ImmutableArray.CreateBuilder<Clause>();
        var deny = ImmutableArray.CreateBuilder<Clause>();
        var exceptions = ImmutableArray.CreateBuilder<ExceptionPair>();
        OperatorRules rules = OperatorRules.None;
        SourceLocation? defaultLocation = null;
        foreach ((string key, SourceLocation location, YamlNode value) in entries)
        {
            switch (key)
            {
                case "version":
                    hasVersion = true;
                    CheckVersion(value, diagnostics);
                    break;
                case "default":
                    defaultLocation = location;
                    accepts = Expect.Choice(diagnostics, value, "'default'", "deny", "accept") == true;
                    break;
                case "deny-with":
                    drops = Expect.Choice(diagnostics, value, "'deny-with'", "reject", "drop") == true;
                    break;
                case "allow":
                    clauses.ReadClauses("allow", value, allow);
                    break;
                case "deny":
                    clauses.ReadClauses("deny", value, deny);
                    break;
                case "exceptions":
                    clauses.ReadExceptions(value, exceptions);
                    break;
                case "failsafe":
                    failsafe.Read(value);
                    break;
                case "log-denied":
                    logDenied = LogDeniedReader.Read(value, diagnostics);
                    break;
                case "rules":
                    rules = new RulesReader(hasNetworks ? networks.Names : null, diagnostics).Read(value);
                    break;
            }
        }

        if (!hasVersion)
        {
            diagnostics.Error(root.Location, "the policy has no 'version'; write 'version: 1' at the top");
        }

        if (diagnostics.HasErrors)
        {
            return null;
        }

        IsolationPolicy policy = new(
            accepts ? DefaultVerdict.Accept : DefaultVerdict.Deny,
            drops ? DenyMode.Drop : DenyMode.Reject,
            networks.Networks,
            allow.DrainToImmutable(),
            deny.DrainToImmutable(),
            exceptions.DrainToImmutable())
        {
            DefaultLocation = defaultLocation,
            Failsafe = [.. failsafe.Items],
            LogDenied = logDenied,
            Rules = rules,
        };
        NetworkOverlaps.Warn(policy.Networks, diagnostics);
        new PolicyWarnings(policy, diagnostics).Warn(endpoints.Literals);
        new FailsafeWarnings(policy, diagnostics).Warn(failsafe.Literals);
        return policy;
    }

    /// <summary>Reads the networks, wherever in the file they stand, before what refers to them.</summary>
    /// <returns>Whether the networks' names are known.</returns>
    private static bool ReadNetworks(
        SourceLocation root,
        List<(string Key, SourceLocation Location, YamlNode Value)> entries,
        NetworksReader networks,
        DiagnosticBag diagnostics)
    {
        bool present = false;
        foreach ((string key, SourceLocation location, YamlNode value) in entries)
        {
            if (key == "networks")
            {
                present = true;
                networks.Read(location, value);
            }
        }

        if (!present)
        {
            diagnostics.Error(root, "the policy has no 'networks'; expected at least one,"
                + " like networks: {hr: {subnets: [192.168.0.0/16]}}");
        }

        return networks.Names.Count > 0;
    }

    private static void CheckVersion(YamlNode node, DiagnosticBag diagnostics)
    {
        if (Expect.Scalar(diagnostics, node, "'version'", "1") is { Text: not "1" } scalar)
        {
            diagnostics.Error(node.Location, $"'version': expected 1, the one version of the format so far, found {scalar.Description}");
        }
    }
}

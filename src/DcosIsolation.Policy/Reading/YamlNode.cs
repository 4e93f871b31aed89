namespace DcosIsolation.Policy;

/// <summary>A node of a YAML document, with its place.</summary>
internal abstract record YamlNode(SourceLocation Location)
{
    /// <summary>The node as a diagnostic names it.</summary>
    public abstract string Description { get; }
}

/// <summary>Text. A plain <c>null</c>, <c>~</c> or nothing at all is YAML's null.</summary>
internal sealed record YamlScalar(SourceLocation Location, string Text, bool IsPlain) : YamlNode(Location)
{
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";

    public override string Description => IsNull ? "nothing" : Quoted.Text(Text);
}

internal sealed record YamlSequence(SourceLocation Location, List<YamlNode> Items) : YamlNode(Location)
{
    public override string Description => "a list";
}

/// <summary>Keys with values, in the file's order. A key that stands twice, already reported, is here twice.</summary>
internal sealed record YamlMapping(SourceLocation Location, List<(YamlScalar Key, YamlNode Value)> Entries) : YamlNode(Location)
{
    public override string Description => "a mapping";
}

/// <summary>A node that has been reported already: nothing more is to be said about it.</summary>
internal sealed record YamlReported(SourceLocation Location) : YamlNode(Location)
{
    public override string Description => "something else";
}

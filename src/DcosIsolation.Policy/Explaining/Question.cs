namespace DcosIsolation.Policy;

/// <summary>A question about a packet that opens a connection. Immutable.</summary>
/// <param name="Family">The family of both addresses.</param>
/// <param name="Source">The source, left-aligned in 128 bits.</param>
/// <param name="Destination">The destination, left-aligned.</param>
/// <param name="Service">The one service that is asked about; null: a protocol that no clause can name.</param>
public sealed record Question(Family Family, UInt128 Source, UInt128 Destination, Service? Service)
{
    /// <summary>What the packet carries.</summary>
    public PacketService Carried => Service is { } service ? PacketService.FirstOf(service) : PacketService.Other;

    /// <summary>The source as text.</summary>
    public string SourceText => Text(Source);

    /// <summary>The destination as text.</summary>
    public string DestinationText => Text(Destination);

    /// <summary>The service as text: <c>80/tcp</c>, <c>icmp/8/0</c>, <c>other</c>.</summary>
    public string ServiceText => Service?.ToString() ?? "other";

    private string Text(UInt128 address) => new Prefix(Family, address, Prefix.MaxLength(Family)).Address.ToString();
}

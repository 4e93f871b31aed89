namespace DcosIsolation.Policy;

/// <summary>Services for which a policy says the same between two classes of addresses.</summary>
/// <param name="Protocol">The protocol; null for every protocol that has no item of its own.</param>
/// <param name="First">The first destination port, or ICMP type and code as in <see cref="PacketService.Port"/>.</param>
/// <param name="Last">The last one.</param>
/// <param name="Ruling">What the policy says.</param>
public sealed record ServiceRuling(Protocol? Protocol, ushort First, ushort Last, Ruling Ruling)
{
    /// <summary>The services: <c>80/tcp</c>, <c>8000-8100/udp</c>, <c>icmp/8</c>, <c>icmp/0-7</c>, <c>icmp/8/1-12/255</c>, <c>tcp</c>, <c>other</c>.</summary>
    public string Text
    {
        get
        {
            if (Protocol is not { } protocol)
            {
                return "other";
            }

            string name = Service.NameOf(protocol);
            Service range = new(protocol, First, Last);
            if ((First, Last) == (0, ushort.MaxValue))
            {
                return name;
            }

            if (!range.IsIcmp)
            {
                return range.ToString();
            }

            (int firstType, int lastType) = (First >> 8, Last >> 8);
            return First == Last ? $"{name}/{firstType}/{First & 0xff}"
                : (First & 0xff, Last & 0xff) != (0, 0xff) ? $"{name}/{firstType}/{First & 0xff}-{lastType}/{Last & 0xff}"
                : firstType == lastType ? $"{name}/{firstType}"
                : $"{name}/{firstType}-{lastType}";
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>Writes a desired state as bytes: lists carry their number, texts their length in UTF-8, -1 for none.</summary>
internal sealed class StateWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void Bytes(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), value);

    public void Guid(Guid value) => value.TryWriteBytes(Take(16));

    public void State(DesiredState state)
    {
        Text(state.PolicyDigest);
        Int32(state.Families.Length);
        foreach (FamilyState family in state.Families)
        {
            Byte((byte)family.Family);
            Int32(family.Sets.Length);
            foreach (SetSpec set in family.Sets)
            {
                Set(set);
            }

            Rule(family.Jump);
            Int32(family.Chain.Length);
            foreach (Rule rule in family.Chain)
            {
                Rule(rule);
            }
        }
    }

    private void Set(SetSpec set)
    {
        Text(set.TypeName);
        Text(set.Name);
        Byte((byte)set.Family);
        Int32(set.Count);
        switch (set)
        {
            case NetSet nets:
                foreach (Prefix entry in nets.Entries)
                {
                    Prefix(entry);
                }

                break;
            case NetNetSet pairs:
                foreach (NetNetEntry entry in pairs.Entries)
                {
                    Prefix(entry.Source);
                    Prefix(entry.Destination);
                }

                break;
            case NetPortNetSet services:
                foreach (NetPortNetEntry entry in services.Entries)
                {
                    Prefix(entry.Source);
                    Byte((byte)entry.Protocol);
                    Int32(entry.Port);
                    Prefix(entry.Destination);
                }

                break;
            case ListSet list:
                foreach (ListEntry entry in list.Entries)
                {
                    Text(entry.Set);
                    Text(entry.Network);
                }

                break;
        }
    }

    private void Rule(Rule rule)
    {
        OptionalPrefix(rule.Source);
        OptionalPrefix(rule.Destination);
        Byte((byte)(rule.Protocol ?? 0));
        Services(rule.Ports);
        Services(rule.SourcePorts);
        Int32(rule.Sets.Length);
        foreach (SetMatch match in rule.Sets)
        {
            Text(match.Set);
            Byte((byte)match.Directions);
            Byte(match.Negated ? (byte)1 : (byte)0);
        }

        Byte(rule.RelatedOrEstablished ? (byte)1 : (byte)0);
        Text(rule.Comment);
        Text(rule.Text);
        Byte((byte)rule.Target);
        Byte(rule.Log is null ? (byte)0 : (byte)1);
        if (rule.Log is { } log)
        {
            Text(log.Prefix);
            Int64(log.Limit.Interval);
            Int32(log.NflogGroup ?? -1);
        }
    }

    private void Services(ImmutableArray<Service> services)
    {
        Int32(services.Length);
        foreach (Service service in services)
        {
            Byte((byte)service.Protocol);
            Int32(service.FirstPort);
            Int32(service.LastPort);
            Int32(service.IcmpType ?? -1);
            Int32(service.IcmpCode ?? -1);
        }
    }

    private void OptionalPrefix(Prefix? prefix)
    {
        Byte(prefix is null ? (byte)0 : (byte)1);
        if (prefix is { } given)
        {
            Prefix(given);
        }
    }

    /// <summary>The length, with a mark for IPv6, and the address.</summary>
    private void Prefix(Prefix prefix)
    {
        bool isInet = prefix.Family == Family.Inet;
        Span<byte> bytes = Take(isInet ? 5 : 17);
        bytes[0] = isInet ? prefix.Length : (byte)(prefix.Length + StateReader.Inet6Mark);
        if (isInet)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[1..], (uint)(prefix.Bits >> 96));
        }
        else
        {
            BinaryPrimitives.WriteUInt128LittleEndian(bytes[1..], prefix.Bits);
        }
    }

    private void Text(string? text)
    {
        if (text is null)
        {
            Int32(-1);
            return;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Int32(bytes.Length);
        Bytes(bytes);
    }

    private void Byte(byte value) => Take(1)[0] = value;

    private Span<byte> Take(int count)
    {
        Span<byte> bytes = _buffer.GetSpan(count)[..count];
        _buffer.Advance(count);
        return bytes;
    }
}

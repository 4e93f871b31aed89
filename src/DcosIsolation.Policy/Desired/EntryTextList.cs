using System.Collections;
using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Entries as text, without holding the text: sets have millions of entries, and mostly only their number is asked for.</summary>
internal sealed class EntryTextList<TEntry>(ImmutableArray<TEntry> entries) : IReadOnlyList<string>
    where TEntry : struct
{
    public int Count => entries.Length;

    public string this[int index] => entries[index].ToString()!;

    public IEnumerator<string> GetEnumerator()
    {
        foreach (TEntry entry in entries)
        {
            yield return entry.ToString()!;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>
/// One JSON document on its way to standard output; without <see cref="Complete"/> or <see cref="WriteOut"/> nothing of it arrives.
/// </summary>
internal sealed class JsonResult : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly TextWriter _output;

    public JsonResult(TextWriter output)
    {
        _output = output;
        Writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Writer.WriteStartObject();
    }

    /// <summary>Writes inside the document's object.</summary>
    public Utf8JsonWriter Writer { get; }

    /// <summary>Writes an array of objects or values.</summary>
    public void Array<T>(string name, IEnumerable<T> items, Action<T> write)
    {
        Writer.WriteStartArray(name);
        foreach (T item in items)
        {
            write(item);
        }

        Writer.WriteEndArray();
    }

    /// <summary>Writes an array of objects.</summary>
    public void Objects<T>(string name, IEnumerable<T> items, Action<T> write) => Array(name, items, item =>
    {
        Writer.WriteStartObject();
        write(item);
        Writer.WriteEndObject();
    });

    /// <summary>Writes an array of strings.</summary>
    public void Strings(string name, IEnumerable<string> items) => Array(name, items, Writer.WriteStringValue);

    /// <summary>Ends the document and writes it out.</summary>
    public void Complete()
    {
        Writer.WriteEndObject();
        WriteOut();
        _output.WriteLine();
    }

    /// <summary>Writes out what there is so far, of a document that may be long.</summary>
    public void WriteOut()
    {
        Writer.Flush();

        // The encoder lets bidi controls through. What Quoted escapes can stand in strings only, where its escapes are JSON's own.
        string[] lines = Encoding.UTF8.GetString(_buffer.WrittenSpan).Split('\n');
        _output.Write(string.Join('\n', lines.Select(line => Quoted.Escape(line))));
        _buffer.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public void Dispose() => Writer.Dispose();
}

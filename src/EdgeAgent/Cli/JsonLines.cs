using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeAgent.Cli;

/// <summary>Lines that go out in large pieces: JSON objects, one a line, or text.</summary>
internal sealed class JsonLines : IDisposable
{
    private const int FlushAt = 64 * 1024;

    private readonly Stream _output;
    private readonly ArrayBufferWriter<byte> _lines = new(FlushAt * 2);

    public JsonLines(Stream output)
    {
        _output = output;
        Writer = new Utf8JsonWriter(_lines, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    /// <summary>Takes the members of the line's object.</summary>
    public Utf8JsonWriter Writer { get; }

    /// <summary>Ends the object and its line.</summary>
    public void End()
    {
        Writer.WriteEndObject();
        EndLine();
    }

    /// <summary>Ends the line of a value that is whole.</summary>
    public void EndLine()
    {
        Writer.Flush();
        Writer.Reset();
        Put("\n"u8);
    }

    /// <summary>A line for people.</summary>
    public void WriteLine(string line) => Put(Encoding.UTF8.GetBytes(line + "\n"));

    public void Flush()
    {
        _output.Write(_lines.WrittenSpan);
        _lines.ResetWrittenCount();
    }

    public void Dispose() => Writer.Dispose();

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _lines.Write(bytes);
        if (_lines.WrittenCount >= FlushAt) Flush();
    }
}

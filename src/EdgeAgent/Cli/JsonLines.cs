using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeAgent.Cli;

/// <summary>JSON objects, one a line, that go out in large pieces.</summary>
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
        Writer.Flush();
        Writer.Reset();
        _lines.Write("\n"u8);
        if (_lines.WrittenCount >= FlushAt) Flush();
    }

    public void Flush()
    {
        _output.Write(_lines.WrittenSpan);
        _lines.ResetWrittenCount();
    }

    public void Dispose() => Writer.Dispose();
}

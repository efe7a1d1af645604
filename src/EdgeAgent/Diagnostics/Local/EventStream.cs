using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>Server-sent events as the answer to a request. One at a time; the next is made when the one before has gone, so that who reads slowly waits alone.</summary>
internal sealed class EventStream(HttpResponse response)
{
    public const string ContentType = "text/event-stream";

    private readonly ArrayBufferWriter<byte> _event = new(4096);

    public bool IsBegun { get; private set; }

    /// <summary>True when nobody reads any more.</summary>
    public bool IsGone { get; private set; }

    public async Task BeginAsync(CancellationToken stop)
    {
        IsBegun = true;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        await response.StartAsync(stop);
    }

    /// <summary>Sends an event unless nothing is written for it.</summary>
    /// <param name="name">Its type.</param>
    /// <param name="write">Its data: one value of JSON; false to send nothing.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>What was returned for it.</returns>
    public async Task<bool> SendAsync(string name, Func<Utf8JsonWriter, bool> write, CancellationToken stop)
    {
        _event.ResetWrittenCount();
        _event.Write(Encoding.ASCII.GetBytes($"event: {name}\ndata: "));
        // A line end within a string is escaped, so that the data is one line.
        using (var json = new Utf8JsonWriter(_event, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            if (!write(json)) return false;
        }
        _event.Write("\n\n"u8);
        await PutAsync(_event.WrittenMemory, stop);
        return true;
    }

    /// <summary>Shows that the line is not dead.</summary>
    public Task BeatAsync(CancellationToken stop) => PutAsync(": nothing new\n\n"u8.ToArray(), stop);

    private async Task PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        IsGone = (await response.BodyWriter.WriteAsync(bytes, stop)).IsCompleted;
    }
}

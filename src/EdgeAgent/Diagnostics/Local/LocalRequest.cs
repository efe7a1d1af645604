using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>What is asked for.</summary>
/// <param name="Method">Of HTTP.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">As it was sent, with or without its question mark.</param>
/// <param name="Body">Arguments of an operation.</param>
internal readonly record struct LocalRequest(string Method, string Path, string Query, ReadOnlyMemory<byte> Body);

/// <summary>What a request is answered.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="ContentType">Of the content.</param>
/// <param name="Content">UTF-8.</param>
internal readonly record struct LocalAnswer(int Status, string ContentType, byte[] Content)
{
    public const string Json = "application/json", Plain = "text/plain; charset=utf-8";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static LocalAnswer Of(int status, JsonObject content) => Of(status, Json, content.ToJsonString(Readable) + "\n");

    public static LocalAnswer Of(int status, string contentType, string text) => new(status, contentType, Encoding.UTF8.GetBytes(text));
}

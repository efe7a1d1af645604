using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Management;

/// <summary>Writes JSON objects, whole or as their members without braces, which is how a record carries them.</summary>
internal static class JsonMembers
{
    public static ReadOnlyMemory<byte> Of(Action<Utf8JsonWriter> members) => Object(members)[1..^1];

    public static ReadOnlyMemory<byte> Of(JsonObject message) => Encoding.UTF8.GetBytes(message.ToJsonString()).AsMemory()[1..^1];

    public static string Text(Action<Utf8JsonWriter> members) => Encoding.UTF8.GetString(Object(members).Span);

    public static ReadOnlyMemory<byte> Object(Action<Utf8JsonWriter> members)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return output.WrittenMemory;
    }
}

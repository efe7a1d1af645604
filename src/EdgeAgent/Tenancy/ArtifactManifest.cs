using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Tenancy;

/// <summary>
/// How a file that is larger than one message comes: in chunks, each published under its own digest. The manifest is published under the
/// digest of the whole file, against which the chunks put together are checked.
/// </summary>
/// <param name="Size">The bytes of the whole file.</param>
/// <param name="Chunks">In their order.</param>
internal sealed record ArtifactManifest(long Size, IReadOnlyList<Sha256Digest> Chunks)
{
    public const int MaxChunks = 1024;

    /// <summary>The largest file.</summary>
    public const long MaxSize = 16L * 1024 * 1024;

    /// <exception cref="DocumentException">It is no manifest.</exception>
    public static ArtifactManifest Parse(ReadOnlySpan<byte> text)
    {
        if (!StrictJson.TryParse(text, out var root, out var mistake)) throw new DocumentException(Refusal.InvalidPayload, mistake);
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(root, "", mistakes, "size", "chunks");
        long? size = reader.Whole("size", 1, MaxSize);
        List<Sha256Digest> chunks = [];
        int index = 0;
        foreach (var element in reader.Array("chunks", 1, MaxChunks))
        {
            if (element.ValueKind == JsonValueKind.String && Sha256Digest.TryParse(element.GetString(), out var digest)) chunks.Add(digest);
            else mistakes.Add(new ConfigurationMistake($"/chunks/{index}", $"expected a digest: {Sha256Digest.Expected}"));
            index++;
        }
        return mistakes.Count == 0 ? new ArtifactManifest(size!.Value, chunks) : throw new DocumentException(Refusal.InvalidPayload, mistakes[0]);
    }

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["size"] = Size,
        ["chunks"] = new JsonArray([.. Chunks.Select(chunk => JsonValue.Create(chunk.ToString()))]),
    }.ToJsonString());
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>What is written here is read by the same rules as what comes from elsewhere.</summary>
internal static class JsonNodes
{
    /// <exception cref="DocumentException">It is no strict JSON: nested too deep, for instance.</exception>
    public static JsonElement ToElement(this JsonNode node) =>
        StrictJson.TryParse(Encoding.UTF8.GetBytes(node.ToJsonString()), out var element, out var mistake) ? element : throw new DocumentException(Refusal.InvalidPayload, mistake);
}

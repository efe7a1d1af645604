using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Management.Control;

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    /// <summary>Both are objects.</summary>
    public static JsonObject Apply(JsonElement target, JsonElement patch)
    {
        var merged = JsonObject.Create(target)!;
        Apply(merged, patch);
        return merged;
    }

    private static void Apply(JsonObject target, JsonElement patch)
    {
        foreach (var member in patch.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                target.Remove(member.Name);
            }
            else if (member.Value.ValueKind != JsonValueKind.Object)
            {
                target[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
            else
            {
                if (target[member.Name] is not JsonObject inner) target[member.Name] = inner = [];
                Apply(inner, member.Value);
            }
        }
    }
}

using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Updates;

/// <summary>An update that was commanded, as it lies in the agent's state until it has been handed on.</summary>
/// <param name="Tenant">Who commanded it: with another tenant it is forgotten.</param>
/// <param name="WhileMoving">The vehicle need not stand.</param>
/// <param name="Manifest">The signed <see cref="UpdateManifest"/>.</param>
internal sealed record UpdateRequest(TenantId Tenant, bool WhileMoving, string Manifest)
{
    /// <summary>The largest file.</summary>
    public const int MaxBytes = 8 * 1024;

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(new JsonObject { ["tenant"] = Tenant.ToString(), ["whileMoving"] = WhileMoving, ["manifest"] = Manifest }.ToJsonString());

    /// <exception cref="DocumentException">It was not made by <see cref="ToUtf8"/>.</exception>
    public static UpdateRequest FromUtf8(ReadOnlySpan<byte> text)
    {
        if (!StrictJson.TryParse(text, out var root, out var mistake)) throw new DocumentException(Refusal.Malformed, mistake);
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(root, "", mistakes, "tenant", "whileMoving", "manifest");
        var tenant = reader.Tenant("tenant");
        bool? whileMoving = reader.Boolean("whileMoving", isRequired: true);
        string? manifest = reader.Text("manifest");
        return mistakes.Count == 0 ? new UpdateRequest(tenant!.Value, whileMoving!.Value, manifest!) : throw new DocumentException(Refusal.Malformed, mistakes[0]);
    }
}

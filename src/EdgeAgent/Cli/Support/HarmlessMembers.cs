using System.Text.Json.Nodes;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Cli.Support;

/// <summary>
/// Provisioning and configurations without whatever might be a secret: what is known to be harmless stays where it belongs; of everything else,
/// known or unknown, only the name does.
/// </summary>
internal static class HarmlessMembers
{
    /// <summary>Public keys (RFC 7517, RFC 7518 §6.2.1).</summary>
    private static readonly Shape Key = new(["kty", "crv", "x", "y"]);

    private static readonly Shape Obd = new(["addressing", "requestsPerSecond", "yieldSeconds", "engineOff", "signalsets", "modelYear", "vin"])
    {
        Objects = { ["poll"] = new(["pid", "everySeconds"]), ["signals"] = new(["signal", "everySeconds"]) },
    };

    private static readonly Shape Source = new(["bus", "interface", "receiveBufferBytes", "listenOnly", "restartAfterSeconds", "silentAfterSeconds", "serial", "baud", "protocol", "log", "logBus", "speed", "dbc", "signals"])
    {
        Objects = { ["obd"] = Obd },
    };

    /// <summary>A user name is not among them: some brokers take a token for one.</summary>
    private static readonly Shape Document = new(["device", "drainSeconds", "healthEverySeconds", "trialSeconds"])
    {
        Objects =
        {
            ["tenant"] = new(["id", "epoch"]),
            ["platformKeys"] = Key,
            ["broker"] = new(["url", "passwordFile", "authorityFile", "certificateFile", "privateKeyFile"]),
            ["sources"] = Source,
            ["publishing"] = new(["encoding", "bytesPerSecond"]) { Objects = { ["metered"] = new(["interfaces", "minimumPriority", "bytesPerSecond"]) } },
            ["outbox"] = new(["directory", "memoryBytes", "maxBytes", "reserveBytes", "quotaBytes", "sealAfterSeconds", "flushAfterSeconds"]),
            ["access"] = new([]) { Objects = { ["signers"] = new(["role"]) { Objects = { ["key"] = Key } }, ["users"] = Shape.Grants, ["groups"] = Shape.Grants, ["roles"] = Shape.Grants } },
            ["localApi"] = new(["port", "tokenFile", "role"]),
            ["log"] = new(["level"]),
        },
    };

    /// <param name="document">Provisioning, or a configuration of a device, a tenant or an overlay.</param>
    /// <param name="removed">Is told of each member whose value is removed.</param>
    /// <returns>A copy.</returns>
    public static JsonObject Of(JsonObject document, Action<string, JsonNode> removed) => Of(document, Document, removed);

    private static JsonObject Of(JsonObject owner, Shape shape, Action<string, JsonNode> removed) =>
        new(owner.Select(member => KeyValuePair.Create(member.Key, Of(member.Key, member.Value, shape, removed))));

    private static JsonNode? Of(string name, JsonNode? value, Shape shape, Action<string, JsonNode> removed)
    {
        if (value is null || (shape.IsGrants ? IsPermission(value) : shape.Values.Contains(name) && IsPlain(value))) return value?.DeepClone();
        if (shape.Objects.TryGetValue(name, out var inside))
        {
            if (value is JsonObject owner) return Of(owner, inside, removed);
            if (value is JsonArray list && list.All(item => item is JsonObject)) return new JsonArray([.. list.Select(item => Of((JsonObject)item!, inside, removed))]);
        }
        removed(name, value);
        return Redaction.Removed;
    }

    private static bool IsPlain(JsonNode? value) => value is null or JsonValue || value is JsonArray list && list.All(item => item is null or JsonValue);

    private static bool IsPermission(JsonNode? value) =>
        value is JsonArray list ? list.All(IsPermission) : value is JsonValue text && text.TryGetValue(out string? word) && Shape.Permissions.Contains(word);

    /// <summary>The members of an object, or of each of a list.</summary>
    /// <param name="Values">Those that hold a value, or a list of them.</param>
    private sealed record Shape(IReadOnlyList<string> Values)
    {
        public static readonly HashSet<string> Permissions = [.. Roles.Names, .. Operation.All.Select(operation => operation.Name)];

        /// <summary>Named by accounts or roles, and each says what these may.</summary>
        public static readonly Shape Grants = new([]) { IsGrants = true };

        public bool IsGrants { get; private init; }

        /// <summary>Those that hold an object, or a list of them.</summary>
        public Dictionary<string, Shape> Objects { get; } = new(StringComparer.Ordinal);
    }
}
